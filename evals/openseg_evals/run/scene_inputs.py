"""From a benchmark's scenes to the inputs of methods, matched by type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from openseg.graph.graph import Graph, Sample
from openseg.io.scenes.layout import read_scene
from openseg.io.scenes.ply import read_cloud
from openseg.types import Frames, PointCloud, TextQuery
from openseg.types.errors import UserError
from openseg_evals.oracle.truth import Truth
from openseg_evals.run.inputs import query_of
from openseg_evals.samples import SceneSample

if TYPE_CHECKING:
    import torch


def check_scene_inputs(graph: Graph) -> None:
    """Checks that a benchmark of scenes and words can feed a method.

    Raises:
        UserError: If the method has an input of another type, or takes no cloud.
    """
    for name, kind in graph.inputs.items():
        if kind not in {Frames, PointCloud, TextQuery, Truth}:
            raise UserError(
                f"the benchmark gives frames, a cloud and words, not '{name}' ({kind.__name__})",
                where=graph.name,
                fix="choose a pipeline that takes a scene; see: openseg ls pipelines",
            )
    if PointCloud not in graph.inputs.values():
        raise UserError(
            "scores count the points of the scene's cloud, which the method does not take",
            where=graph.name,
            fix="add `cloud: PointCloud` to its inputs",
        )


def scene_samples_for(
    graphs: Sequence[Graph], samples: Sequence[SceneSample], device: torch.device
) -> list[Sample]:
    """A sample of the engine for each scene of the benchmark, read when the run gets to it.

    Args:
        graphs: The methods; every input is given by its type.
        samples: The benchmark's scenes.
        device: Where tensors shall lie.
    """
    inputs = {name: kind for graph in graphs for name, kind in graph.inputs.items()}

    def reader(sample: SceneSample) -> Callable[[], Mapping[str, Any]]:
        def values() -> Mapping[str, Any]:
            cloud = read_cloud(sample.cloud)
            made: dict[type, Any] = {TextQuery: query_of(sample), PointCloud: cloud}
            if Frames in inputs.values():
                made[Frames] = read_scene(sample.scene).need_frames()
            if Truth in inputs.values():
                made[Truth] = Truth.of_scene(sample, len(cloud), device)
            return {name: made[kind] for name, kind in inputs.items()}

        return values

    return [Sample(one.id, reader(one)) for one in samples]
