"""From a benchmark's scenes to the inputs of methods, matched by type."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from openseg.api.scenes.objects import read_objects
from openseg.graph.graph import Graph, Sample
from openseg.io.scenes.layout import read_scene
from openseg.io.scenes.ply import read_cloud
from openseg.types import Frames, Instances3D, Phrases, PointCloud, TextQuery
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
        if kind not in {Frames, PointCloud, TextQuery, Instances3D, Truth}:
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


def check_told(graphs: Sequence[Graph], samples: Sequence[SceneSample]) -> None:
    """Checks that methods that are told objects beside the scene are told some.

    Raises:
        UserError: If the benchmark tells none.
    """
    for graph in graphs:
        if Instances3D not in graph.inputs.values():
            continue
        if names_proposals(graph):
            if not all(one.proposals for one in samples):
                raise UserError(
                    "the benchmark has no proposals for the method to name",
                    where=graph.name,
                    fix="give a folder of them by the data set's option `proposals`, or choose a "
                    "benchmark with true masks, as mini-rooms-masks",
                )
        elif not all(one.labelled for one in samples):
            raise UserError(
                "the benchmark tells no labelled points",
                where=graph.name,
                fix="choose one that does, as mini-rooms-weak, or its option `labelled`",
            )


def names_proposals(graph: Graph) -> bool:
    """Whether the objects a method is told are to be named; else they say what to look for."""
    return TextQuery in graph.inputs.values()


def scene_samples_for(
    graphs: Sequence[Graph], samples: Sequence[SceneSample], device: torch.device
) -> list[Sample]:
    """A sample of the engine for each of the benchmark's, read when the run gets to it.

    Args:
        graphs: The methods; every input is given by its type.
        samples: The benchmark's samples, those of a scene next to each other.
        device: Where tensors shall lie.
    """
    inputs = {name: kind for graph in graphs for name, kind in graph.inputs.items()}
    objects = [name for name, kind in inputs.items() if kind is Instances3D]
    named = {name for one in graphs if names_proposals(one) for name in one.inputs}
    # Sentences about a scene follow each other.
    cloud_of, frames_of = lru_cache(1)(read_cloud), lru_cache(1)(_frames)

    def reader(sample: SceneSample) -> Callable[[], Mapping[str, Any]]:
        def values() -> Mapping[str, Any]:
            cloud = cloud_of(sample.cloud)
            made: dict[type, Any] = {TextQuery: query_of(sample), PointCloud: cloud}
            if Frames in inputs.values():
                made[Frames] = frames_of(sample.scene)
            if Truth in inputs.values():
                made[Truth] = Truth.of_scene(sample, len(cloud), device)
            told = {name: _told(name in named, sample, cloud) for name in objects}
            return {**{k: made[kind] for k, kind in inputs.items() if k not in told}, **told}

        return values

    return [Sample(one.id, reader(one)) for one in samples]


def _frames(scene: Path) -> Frames:
    return read_scene(scene).need_frames()


def _told(names: bool, sample: SceneSample, cloud: PointCloud) -> Instances3D:
    """The objects a method is told: to be named, or labelled points."""
    if names and sample.proposals is not None:
        return read_objects(sample.proposals, cloud)
    return labelled_points(sample, len(cloud))


def labelled_points(sample: SceneSample, total: int) -> Instances3D:
    """A few points of each true object, with its phrase: the same in every run.

    Args:
        sample: The scene.
        total: How many points its cloud has.
    """
    import torch

    draw = np.random.default_rng(zlib.crc32(sample.id.encode()))
    query, targets = query_of(sample), sample.targets()
    points = [
        np.sort(draw.choice(one.vertices, min(sample.labelled, len(one.vertices)), replace=False))
        for one in targets
    ]
    return Instances3D(
        torch.from_numpy(np.concatenate([np.zeros(0, dtype=np.int64), *points])),
        torch.tensor([len(some) for some in points], dtype=torch.int64).cumsum(0),
        torch.ones(len(points)),
        total,
        Phrases(tuple(query.phrases[sample.class_ids.index(one.label)] for one in targets)),
    )
