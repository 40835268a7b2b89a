"""What a run on scenes writes beside its records, a class a format."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.api.job import Export
from openseg.api.scenes.reading import NOTHING, rows_of_points
from openseg.api.scenes.records import CLOUDS, SceneRecord
from openseg.api.scenes.result import SceneResult
from openseg.api.scenes.room import poses_of, upward
from openseg.io.drawing.palette import colours_of
from openseg.io.files import write_atomic
from openseg.io.scenes.glb import PointSet, write_glb
from openseg.io.scenes.ply import Mesh, write_ply
from openseg.io.scenes.submission import Predicted, write_instances
from openseg.types import PointCloud

REST = "rest of the scene"


class PictureExport:
    """`overlay/ID.png`: the scene from above, objects coloured and named."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "overlay"

    def one(self, result: SceneResult, record: SceneRecord) -> None:
        """Draws one scene."""
        buffer = io.BytesIO()
        result.overlay().save(buffer, "PNG", compress_level=1)
        write_atomic(self.folder / f"{record.id}.png", buffer.getvalue())

    def all(self, records: Iterable[SceneRecord], classes: Sequence[str]) -> None:
        """Nothing is left to write."""


class PlyExport:
    """`ply/ID.ply`: the cloud or mesh with coloured objects, and the object of each vertex."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "ply"

    def one(self, result: SceneResult, record: SceneRecord) -> None:
        """Writes one scene."""
        import torch

        rows = rows_of_points(record)
        classes = np.array([*(one.class_id for one in record.instances), NOTHING], dtype=np.int32)
        mesh = result.mesh
        cloud = PointCloud(
            mesh.cloud.positions,
            torch.from_numpy(painted(mesh.cloud.colors.numpy(force=True), rows, result)),
            mesh.cloud.normals,
        )
        numbers = {"instance": rows.astype(np.int32), "class_id": classes[rows]}
        write_ply(self.folder / f"{record.id}.ply", Mesh(cloud, mesh.faces, numbers))

    def all(self, records: Iterable[SceneRecord], classes: Sequence[str]) -> None:
        """Nothing is left to write."""


class ScanNetExport:
    """`scannet/`: ScanNet's submission, with the classes of the query counted from 1."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "scannet"

    def one(self, result: SceneResult, record: SceneRecord) -> None:
        """Writes the list and the masks of one scene."""
        found = (
            Predicted(one.class_id + 1, one.score, one.points(record.points))
            for one in record.instances
        )
        write_instances(self.folder, record.id, found, record.points)

    def all(self, records: Iterable[SceneRecord], classes: Sequence[str]) -> None:
        """Writes what the labels mean."""
        lines = "".join(f"{label}\t{name}\n" for label, name in enumerate(classes, 1))
        write_atomic(self.folder / "labels.tsv", f"label\tname\n{lines}".encode())


class GltfExport:
    """`gltf/ID.glb`: a node an object, with its name, and one for the rest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "gltf"

    def one(self, result: SceneResult, record: SceneRecord) -> None:
        """Writes one scene."""
        cloud = result.need_cloud()
        positions = cloud.positions.numpy(force=True)
        colors = cloud.colors.numpy(force=True)
        rows = rows_of_points(record)
        drawn = painted(colors, rows, result)
        names = [f"{one.phrase or 'object'} {one.score:.2f}" for one in record.instances]
        sets = []
        for row in np.unique(rows).tolist():
            mine = rows == row
            facts = {} if row == NOTHING else _facts(record, row)
            name = REST if row == NOTHING else names[row]
            sets.append(PointSet(name, positions[mine], drawn[mine], facts))
        write_glb(self.folder / f"{record.id}.glb", sets, upward(poses_of(result.frames)))

    def all(self, records: Iterable[SceneRecord], classes: Sequence[str]) -> None:
        """Nothing is left to write."""


class CloudExport:
    """`clouds/ID.ply`: a cloud that was made of the frames; without it points mean nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / CLOUDS

    def one(self, result: SceneResult, record: SceneRecord) -> None:
        """Writes one cloud."""
        if result.made_cloud is not None:
            write_ply(self.folder / f"{record.id}.ply", Mesh(result.made_cloud))

    def all(self, records: Iterable[SceneRecord], classes: Sequence[str]) -> None:
        """Nothing is left to write."""


SCENE_EXPORTS: dict[str, Callable[[Path], Export[SceneResult, SceneRecord]]] = {
    "overlay": PictureExport,
    "ply": PlyExport,
    "scannet": ScanNetExport,
    "gltf": GltfExport,
}
"""The formats by the names of `--format`."""


def painted(
    colors: NDArray[np.uint8], rows: NDArray[np.int64], result: SceneResult
) -> NDArray[np.uint8]:
    """Colours of points: objects in theirs, the rest in its own.

    Args:
        colors: uint8 `[n, 3]`.
        rows: The object of each point, int64 `[n]`, -1 for none.
        result: What was found.
    """
    classes = result.class_ids
    many = len(set(classes)) > 1
    palette = np.array(colours_of(classes if many else [0] * len(classes)), dtype=np.uint8)
    drawn = colors.copy()
    there = rows != NOTHING
    drawn[there] = palette.reshape(-1, 3)[rows[there]]
    return drawn


def _facts(record: SceneRecord, row: int) -> dict[str, object]:
    one = record.instances[row]
    return {"phrase": one.phrase, "class_id": one.class_id, "score": one.score, "instance": row}
