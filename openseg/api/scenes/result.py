"""What a method found in one scene: objects of its cloud, with scores, phrases and their views."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openseg.api.scenes.records import SceneProblem, SceneView
from openseg.api.trace import Evidence, trace_row
from openseg.types import Frames, Instances3D, PointCloud
from openseg.types.errors import OpensegError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from torch import Tensor

    from openseg.graph.graph import Graph, Source
    from openseg.io.scenes.ply import Mesh


@dataclass(frozen=True, eq=False)
class SceneResult:
    """The outputs of a method for one scene, on the CPU.

    Attributes:
        outputs: Every output of the method by name, as edge types.
        values: The method's inputs and outputs by source, and every other value that flowed if the
            method was called for it alone (not by a run over many scenes).
        graph: The method's graph.
        id: The sample's id.
        scene: The scene's folder as it was given.
        cloud_path: The PLY file of the cloud it was given; None if that was made of the frames.
        problems: Faults of the scene; the good frames were used.
    """

    outputs: Mapping[str, Any]
    values: Mapping[Source, Any]
    graph: Graph
    id: str
    scene: str = ""
    cloud_path: Path | None = None
    problems: tuple[SceneProblem, ...] = ()

    def __len__(self) -> int:
        return len(self.instances)

    @cached_property
    def instances(self) -> Instances3D:
        """The objects as sets of points; none if the method gives none but a cloud."""
        from openseg.graph.codec import to_device

        found = self._first(self.outputs, Instances3D)
        if found is not None:
            return to_device(found, "cpu")  # type: ignore[no-any-return]
        if self.made_cloud is None:
            names = ", ".join(self.outputs) or "none"
            raise OpensegError(
                f"the method '{self.graph.name}' gives no Instances3D",
                fix=f"its outputs are: {names}",
            )
        nothing = self.made_cloud.positions.new_zeros(0).cpu()
        rows = nothing.long()
        return Instances3D(rows, rows, nothing, len(self.made_cloud))

    @property
    def frames(self) -> Frames | None:
        """The frames that were used; None if the method takes none."""
        found: Frames | None = self._first(self._inputs, Frames)
        return found

    @property
    def made_cloud(self) -> PointCloud | None:
        """The cloud that was made of the frames; None if the scene's own was used."""
        found: PointCloud | None = self._first(self.outputs, PointCloud)
        given: PointCloud | None = self._first(self._inputs, PointCloud)
        if found is not None and found is not given:
            return found
        return given if self.cloud_path is None else None

    @property
    def cloud(self) -> PointCloud | None:
        """The cloud whose points `instances` numbers: the one that was made, else the scene's."""
        made = self.made_cloud
        found: PointCloud | None = self._first(self._inputs, PointCloud)
        return found if made is None else made

    def need_cloud(self) -> PointCloud:
        """The cloud.

        Raises:
            OpensegError: If there is none.
        """
        if self.cloud is None:
            fix = "name it among the method's inputs or outputs"
            raise OpensegError(f"the method '{self.graph.name}' has no cloud", fix=fix)
        return self.cloud

    @cached_property
    def mesh(self) -> Mesh:
        """The scene's own mesh with its faces where it has one, else the cloud.

        Raises:
            OpensegError: If there is neither.
        """
        from openseg.io.scenes.ply import Mesh, read_mesh

        if self.made_cloud is None and self.cloud_path is not None:
            mesh = read_mesh(self.cloud_path)
            if len(mesh.cloud) == self.instances.total:
                return mesh
        return Mesh(self.need_cloud())

    @property
    def scores(self) -> Tensor:
        """float32 `[k]`."""
        return self.instances.scores

    @property
    def masks(self) -> Tensor:
        """Bool `[k, n]`: the points of each object."""
        return self.instances.masks()

    @property
    def phrases(self) -> list[str]:
        """The phrase of each object; empty strings if the method took no words."""
        found = self.instances.phrases
        return [""] * len(self) if found is None else [one.text for one in found.items]

    @property
    def class_ids(self) -> list[int]:
        """The class of each object, counted in the order of the query's phrases."""
        found = self.instances.phrases
        return [0] * len(self) if found is None else [one.class_id for one in found.items]

    @property
    def boxes(self) -> Tensor:
        """float32 `[k, 6]`: smallest x, y, z and largest x, y, z of each object, metres."""
        positions, found = self.need_cloud().positions.cpu(), self.instances
        boxes = positions.new_zeros(len(found), 6)
        for row, box in enumerate(boxes):
            mine = positions[found.of(row)]
            if len(mine):
                box[:3], box[3:] = mine.amin(dim=0), mine.amax(dim=0)
        return boxes

    @property
    def views(self) -> list[tuple[SceneView, ...]]:
        """The pictures that made each object, the weightiest first."""
        evidence = self.instances.evidence
        if evidence is None:
            return [()] * len(self)
        rows = list(
            zip(
                evidence.views.tolist(),
                evidence.weights.tolist(),
                evidence.boxes.tolist(),
                evidence.regions.tolist(),
                strict=True,
            )
        )
        views = [
            SceneView(evidence.names[view], weight, tuple(box), region if region >= 0 else None)
            for view, weight, box, region in rows
        ]
        return [tuple(views[row] for row in evidence.of(one).tolist()) for one in range(len(self))]

    @property
    def trace(self) -> list[Evidence]:
        """For each object, the evidence that made it: node by node, back to the inputs."""
        source = next(
            self.graph.outputs[name]
            for name, value in self.outputs.items()
            if isinstance(value, Instances3D)
        )
        return [trace_row(self.graph, self.values, source, row) for row in range(len(self))]

    def overlay(self) -> Picture:
        """The scene from above, its objects coloured and named."""
        from openseg.api.scenes.picture import draw_scene

        return draw_scene(self)

    def _repr_png_(self) -> bytes:
        """Lets a notebook show the overlay."""
        buffer = io.BytesIO()
        self.overlay().save(buffer, "PNG")
        return buffer.getvalue()

    def __repr__(self) -> str:
        found = ", ".join(
            f"{phrase or 'object'} {score:.2f}"
            for phrase, score in zip(self.phrases, self.scores.tolist(), strict=True)
        )
        return f"<SceneResult {self.id}: {len(self)} objects{': ' + found if found else ''}>"

    @property
    def _inputs(self) -> dict[str, Any]:
        return {source.port: value for source, value in self.values.items() if not source.node}

    @staticmethod
    def _first(values: Mapping[str, Any], kind: type) -> Any:
        return next((one for one in values.values() if isinstance(one, kind)), None)
