"""From folders of posed RGB-D frames to the samples a method runs on.

Each scene is checked when the run gets to it: its faults are kept beside the sample, and the good
frames are used. A scene without a cloud gets one fused from its frames, where a method wants one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openseg.api.inputs import Request, shared_inputs
from openseg.api.scenes.check import check
from openseg.api.scenes.objects import find_objects, read_objects
from openseg.graph.graph import Graph, Sample
from openseg.graph.method.problem import Problem
from openseg.graph.registry import find_stage
from openseg.io.scenes.layout import read_scene
from openseg.io.scenes.scene import Scene
from openseg.types import Frames, Instances3D, PointCloud
from openseg.types.errors import InputError, UserError

if TYPE_CHECKING:
    import torch

FUSE = "lift.fuse_cloud"
"""The stage that makes a cloud for scenes that have none."""


@dataclass(frozen=True)
class GivenScene:
    """A scene as the run found it.

    Attributes:
        path: Its folder as it was given.
        cloud_path: The PLY file of its cloud; None if it has none, or none was asked for.
        problems: What is wrong with it.
    """

    path: str
    cloud_path: Path | None
    problems: tuple[Problem, ...]


def takes_scenes(graph: Graph) -> bool:
    """Whether a method runs on scenes, not on images."""
    return not {Frames, PointCloud}.isdisjoint(graph.inputs.values())


class SceneSamples:
    """The samples of a method's call on scenes.

    Args:
        graph: The method.
        scenes: By sample id: the folder of a scene, or a `Scene`.
        request: What the user asks of all of them; made into values once. An input of labelled
            points or proposals may be a path: see `openseg.api.scenes.objects.find_objects`.
        device: Where the samples' tensors shall lie.

    Attributes:
        samples: A sample a scene; scenes are read later, when the run gets to them.
        found: By sample id, what was found when the scene was read.

    Raises:
        UserError: If the request lacks an input of the method or has one it does not take.
    """

    def __init__(
        self, graph: Graph, scenes: Mapping[str, Any], request: Request, device: torch.device
    ) -> None:
        if not takes_scenes(graph):
            raise UserError(
                f"the method '{graph.name}' takes no scene", fix="give it an image (--image)"
            )
        # Objects may be named by their file: they are points of each scene's own cloud.
        files = {k: Path(v) for k, v in request.inputs.items() if isinstance(v, str | Path)}
        given = {k: v for k, v in request.inputs.items() if k not in files}
        self._files = files
        self._kinds = {
            name: kind
            for name, kind in graph.inputs.items()
            if kind in {Frames, PointCloud, Instances3D} and name not in given
        }
        asked = replace(request, inputs=given)
        self._shared = shared_inputs(graph, set(self._kinds), asked, device)
        self.found: dict[str, GivenScene] = {}
        self.samples = [Sample(id_, self._reader(id_, scene)) for id_, scene in scenes.items()]

    def _reader(self, id_: str, given: Any) -> Callable[[], Mapping[str, Any]]:
        def read() -> Mapping[str, Any]:
            scene = given if isinstance(given, Scene) else read_scene(given)
            path = scene.name if isinstance(given, Scene) else str(given)
            own = scene.cloud_path if PointCloud in self._kinds.values() else None
            self.found[id_] = GivenScene(path, own, check(scene).problems)
            return {**self._shared, **self._own(scene, Path(path))}

        return read

    def _own(self, scene: Scene, path: Path) -> dict[str, Any]:
        """The inputs that the scene gives."""
        cloud = cloud_of(scene) if {PointCloud, Instances3D} & set(self._kinds.values()) else None
        made: dict[str, Any] = {}
        for name, kind in self._kinds.items():
            if kind is Instances3D:
                assert cloud is not None  # noqa: S101 (it was made for this)
                folder = path if path.is_dir() else path.parent
                file = find_objects(name, scene.name, folder, self._files.get(name))
                made[name] = read_objects(file, cloud)
            else:
                made[name] = scene.need_frames() if kind is Frames else cloud
        return made


def cloud_of(scene: Scene) -> PointCloud:
    """The cloud of a scene: its own, or what its frames measured, fused by `lift.fuse_cloud`.

    Raises:
        InputError: If its file is broken or empty, or it has none and no frame has depth.
    """
    if scene.cloud_path is not None:
        return scene.cloud()
    stage = find_stage(FUSE)
    assert stage is not None  # noqa: S101 (it is ours)
    fused: PointCloud = stage(stage.Config()).run(frames=[scene.need_frames()]).cloud[0]
    if not len(fused):
        fix = "record depth, or put the scene's .ply into its folder"
        raise InputError(
            "has no point cloud and no depth to make one of", where=scene.name, fix=fix
        )
    return fused
