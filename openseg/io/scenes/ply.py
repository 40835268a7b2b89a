"""PLY files: point clouds and meshes, text and binary, with the properties that labels need."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from openseg.io.files import write_atomic
from openseg.types import PointCloud
from openseg.types.errors import InputError

if TYPE_CHECKING:
    from plyfile import PlyData

GREY = 128
"""The colour of points whose file has none."""

_FACES = ("vertex_indices", "vertex_index")
_POSITION, _COLOR, _NORMAL = ("x", "y", "z"), ("red", "green", "blue"), ("nx", "ny", "nz")
# Where every face has as many corners, plyfile maps the file instead of reading face by face.
_KNOWN_CORNERS: tuple[dict[str, dict[str, int]], ...] = (
    {"face": dict.fromkeys(_FACES, 3)},
    {"face": dict.fromkeys(_FACES, 4)},
    {},
)


@dataclass(frozen=True, eq=False)
class Mesh:
    """What a PLY file holds.

    Attributes:
        cloud: Its vertices in the order of the file.
        faces: int64 `[m, 3]` or `[m, 4]`, rows of `cloud`; None for a cloud without faces.
        of_vertices: Further numbers of each vertex by name, such as `label`, `[n]`.
        of_faces: Further numbers of each face by name, such as `object_id`, `[m]`.
    """

    cloud: PointCloud
    faces: NDArray[np.int64] | None = None
    of_vertices: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    of_faces: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def read_cloud(path: str | Path) -> PointCloud:
    """Reads the points of a PLY file; for a mesh its vertices.

    Raises:
        InputError: If it is missing, broken, or holds no points.
    """
    return read_mesh(path).cloud


def read_mesh(path: str | Path) -> Mesh:
    """Reads a PLY file.

    Args:
        path: Text or binary of either byte order. Colours are `red, green, blue` as 8 bits or 0 to
            1; vertices without are grey.

    Raises:
        InputError: If it is missing, broken, holds no points, or faces of different sizes.
    """
    import torch

    path = Path(path)
    parsed = _parse(path)
    names = {element.name for element in parsed.elements}
    if "vertex" not in names or not parsed["vertex"].count:
        raise InputError("the cloud is empty", where=str(path), fix="export the scan again")
    vertices = parsed["vertex"].data
    there = vertices.dtype.names or ()
    if not set(_POSITION) <= set(there):
        fix = "write vertices with x, y and z in metres"
        raise InputError(f"its vertices have only {', '.join(there)}", where=str(path), fix=fix)
    normals = None
    if set(_NORMAL) <= set(there):
        normals = torch.nn.functional.normalize(_columns(vertices, _NORMAL))
    cloud = PointCloud(_columns(vertices, _POSITION), _colors(vertices), normals)
    used = {*_POSITION, *_COLOR, *_NORMAL}
    extra = {name: np.array(vertices[name]) for name in there if name not in used}
    faces, of_faces = _faces(parsed["face"].data, path) if "face" in names else (None, {})
    return Mesh(cloud, faces, extra, of_faces)


def write_ply(path: str | Path, mesh: Mesh) -> None:
    """Writes a binary PLY file in one step.

    Args:
        path: The file.
        mesh: What it shall hold; numbers of vertices and faces keep their types.

    Raises:
        OpensegError: If it cannot be written.
    """
    from plyfile import PlyData, PlyElement

    cloud = mesh.cloud
    columns = dict(zip(_POSITION, cloud.positions.numpy(force=True).T, strict=True))
    if cloud.normals is not None:
        columns.update(zip(_NORMAL, cloud.normals.numpy(force=True).T, strict=True))
    columns.update(zip(_COLOR, cloud.colors.numpy(force=True).T, strict=True))
    elements = [PlyElement.describe(_records({**columns, **mesh.of_vertices}), "vertex")]
    if mesh.faces is not None:
        corners = {_FACES[0]: mesh.faces.astype(np.int32)}
        elements.append(PlyElement.describe(_records({**corners, **mesh.of_faces}), "face"))
    content = io.BytesIO()
    PlyData(elements, byte_order="<").write(content)
    write_atomic(path, content.getvalue())


_BROKEN = (ArithmeticError, LookupError, TypeError, ValueError)
"""What plyfile and NumPy raise of headers and numbers that make no sense."""


def _parse(path: Path) -> PlyData:
    from plyfile import PlyData, PlyParseError

    reason = ""
    for corners in _KNOWN_CORNERS:
        try:
            with path.open("rb") as file:
                return PlyData.read(file, known_list_len=corners)
        except FileNotFoundError:
            raise InputError("no such file", where=str(path), fix="check the path") from None
        except (PlyParseError, OSError, MemoryError, *_BROKEN) as error:
            reason = str(error)  # faces of another size than guessed, or a broken file
    what = f"is not a whole PLY file: {' '.join(reason.split())}"
    raise InputError(what, where=str(path), fix="it may be cut off: copy or export it again")


def _columns(vertices: NDArray[Any], names: tuple[str, ...]) -> Any:
    import torch

    stacked = np.stack([vertices[name] for name in names], axis=1)
    return torch.from_numpy(np.ascontiguousarray(stacked, dtype=np.float32))


def _colors(vertices: NDArray[Any]) -> Any:
    import torch

    if not set(_COLOR) <= set(vertices.dtype.names or ()):
        return torch.full((len(vertices), 3), GREY, dtype=torch.uint8)
    stacked = np.stack([vertices[name] for name in _COLOR], axis=1)
    if stacked.dtype.kind == "f":
        stacked = np.round(255 * stacked.clip(0, 1))
    return torch.from_numpy(np.ascontiguousarray(stacked, dtype=np.uint8))


def _faces(
    faces: NDArray[Any], path: Path
) -> tuple[NDArray[np.int64] | None, dict[str, NDArray[Any]]]:
    names = faces.dtype.names or ()
    lists = [name for name in names if name in _FACES]
    if not len(faces) or not lists:
        return None, {}
    corners = faces[lists[0]]
    if corners.dtype == object:
        if len({len(one) for one in corners}) > 1:
            fix = "export the mesh with triangles only"
            what = "its faces have different numbers of corners"
            raise InputError(what, where=str(path), fix=fix)
        corners = np.stack(list(corners))
    extra = {name: np.array(faces[name]) for name in names if name not in lists}
    return corners.astype(np.int64), {k: v for k, v in extra.items() if v.dtype != object}


def _records(columns: Mapping[str, NDArray[Any]]) -> NDArray[Any]:
    layout = [(name, values.dtype, values.shape[1:]) for name, values in columns.items()]
    records = np.empty(len(next(iter(columns.values()))), dtype=layout)
    for name, values in columns.items():
        records[name] = values
    return records
