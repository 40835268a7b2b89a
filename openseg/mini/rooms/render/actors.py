"""From solids to VTK actors: smooth normals with sharp edges, colours, textures, label colours."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.shapes.mesh import Floats, Mesh
from openseg.mini.rooms.solids import Solid

_SHARP = float(np.cos(np.radians(40)))


def corner_normals(mesh: Mesh) -> Floats:
    """A normal for every corner of every triangle, float64 [m, 3, 3].

    Triangles that meet at an angle below 40 degrees share a smooth edge; others a sharp one.
    """
    corners = mesh.points[mesh.faces]
    raw = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    flat = raw / np.linalg.norm(raw, axis=1, keepdims=True)
    # Vertices at the same place belong together, whatever texture they carry.
    place = np.round(mesh.points[mesh.faces.ravel()] * 1e5).astype(np.int64)
    _, spot = np.unique(place @ np.array([1, 2_000_003, 4_000_000_000_037]), return_inverse=True)
    face = np.repeat(np.arange(len(mesh.faces)), 3)
    order = np.argsort(spot, kind="stable")
    counts = np.bincount(spot)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    normals = np.zeros((len(face), 3))
    widest = int(counts.max())
    for shift in range(widest):
        # Every corner meets every corner at its place once, one step of the circle at a time.
        mine = np.flatnonzero(counts[spot] > shift)
        rank = (np.argsort(order)[mine] - starts[spot[mine]] + shift) % counts[spot[mine]]
        other = face[order[starts[spot[mine]] + rank]]
        close = np.einsum("nd,nd->n", flat[face[mine]], flat[other]) > _SHARP
        normals[mine[close]] += raw[other[close]]
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return normals.reshape(-1, 3, 3)


def _polydata(points: Floats) -> Any:
    """Loose triangles, three points each."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

    n = len(points)
    held = vtkPoints()
    held.SetData(numpy_to_vtk(points.astype(np.float32), deep=True))
    cells = vtkCellArray()
    cells.SetData(
        numpy_to_vtkIdTypeArray(np.arange(0, n + 1, 3), deep=True),
        numpy_to_vtkIdTypeArray(np.arange(n), deep=True),
    )
    data = vtkPolyData()
    data.SetPoints(held)
    data.SetPolys(cells)
    return data


def _actor(data: Any) -> Any:
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    mapper = vtkPolyDataMapper()
    mapper.SetInputData(data)
    actor = vtkActor()
    actor.SetMapper(mapper)
    return actor


def _paint(data: Any, rgb: npt.NDArray[np.uint8]) -> None:
    from vtkmodules.util.numpy_support import numpy_to_vtk

    scalars = numpy_to_vtk(rgb, deep=True)
    scalars.SetName("rgb")
    data.GetPointData().SetScalars(scalars)


def lit_actor(solids: Sequence[Solid], ambient: float) -> Any:
    """An actor for the picture: solids with the same tile, or all without one.

    Args:
        solids: The pieces; the first one's tile, period and shine hold for all.
        ambient: Strength of the light from everywhere.
    """
    from vtkmodules.util.numpy_support import numpy_to_vtk

    first = solids[0]
    faces = [s.mesh.faces for s in solids]
    points = np.concatenate(
        [s.mesh.points[f].reshape(-1, 3) for s, f in zip(solids, faces, strict=True)]
    )
    data = _polydata(points)
    normals = np.concatenate([corner_normals(s.mesh).reshape(-1, 3) for s in solids])
    data.GetPointData().SetNormals(numpy_to_vtk(normals.astype(np.float32), deep=True))
    actor = _actor(data)
    look = actor.GetProperty()
    if first.tile is None:
        rgb = np.repeat(
            np.array([s.rgb for s in solids], np.uint8), [f.size for f in faces], axis=0
        )
        _paint(data, rgb)
    else:
        uv = np.concatenate([s.mesh.uv[f.ravel()] for s, f in zip(solids, faces, strict=True)])
        places = numpy_to_vtk((uv / first.period).astype(np.float32), deep=True)
        data.GetPointData().SetTCoords(places)
        actor.SetTexture(_texture(first.tile))
        if first.metallic:
            _paint(data, _mirrored(normals))
    look.SetInterpolationToGouraud()
    look.SetAmbient(ambient)
    look.SetSpecular(0.0 if first.inside else 1.0 if first.metallic else 0.2)
    look.SetSpecularPower(9 if first.metallic else 18)
    look.SetBackfaceCulling(first.inside)
    return actor


def _mirrored(normals: Floats) -> npt.NDArray[np.uint8]:
    """Light and dark streaks as bent metal mirrors its surroundings, grey uint8 [n, 3]."""
    around = np.arctan2(normals[:, 1], normals[:, 0])
    level = np.sqrt(np.clip(1 - normals[:, 2] ** 2, 0, 1))
    streaks = level * (0.2 * np.cos(2 * around + 0.9) + 0.12 * np.cos(5 * around))
    bright = 0.74 + streaks + 0.2 * np.cos(4.5 * normals[:, 2] - 0.6)
    return np.repeat(np.clip(np.round(255 * bright), 40, 255).astype(np.uint8)[:, None], 3, axis=1)


def _texture(tile: npt.NDArray[np.uint8]) -> Any:
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkRenderingCore import vtkTexture

    image = vtkImageData()
    image.SetDimensions(tile.shape[1], tile.shape[0], 1)
    image.GetPointData().SetScalars(numpy_to_vtk(tile.reshape(-1, 3), deep=True))
    texture = vtkTexture()
    texture.SetInputData(image)
    texture.SetRepeat(True)
    texture.SetInterpolate(True)
    texture.SetMipmap(True)
    # Mesa takes seconds to filter this way where a face is seen edge-on.
    texture.SetMaximumAnisotropicFiltering(1)
    return texture


def label_actor(solids: Sequence[Solid]) -> Any:
    """An actor whose unlit colours say ids and parts: low byte, high byte, part."""
    points = np.concatenate([s.mesh.points[s.mesh.faces].reshape(-1, 3) for s in solids])
    data = _polydata(points)
    code = np.array([(s.id & 255, s.id >> 8, s.part) for s in solids], dtype=np.uint8)
    _paint(data, np.repeat(code, [s.mesh.faces.size for s in solids], axis=0))
    actor = _actor(data)
    actor.GetProperty().SetLighting(False)
    actor.GetProperty().SetBackfaceCulling(solids[0].inside)
    return actor
