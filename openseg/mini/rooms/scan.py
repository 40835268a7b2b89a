"""A room's labelled mesh, as a depth camera's walk would fuse it: only what some view has seen.

The scene's own triangles are split until their edges are short, so vertices lie every few
centimetres; small things get shorter edges, so that each has enough vertices to be found.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.render.view import View
from openseg.mini.rooms.scene import Scene
from openseg.mini.rooms.shapes.mesh import Floats, Mesh
from openseg.mini.rooms.solids import Solid, solids_of

_THING_EDGE, _SURFACE_EDGE = 0.09, 0.14
_SMALL_EDGE = 0.01
_SMALL_POINTS = 260  # about as many vertices a small thing gets before the hidden ones leave
_NEAR = 0.012  # metres that depth and vertex may differ, plus one percent


@dataclass(frozen=True)
class Scan:
    """A labelled mesh.

    Attributes:
        points: Vertices in metres, float32 [n, 3].
        colours: sRGB, uint8 [n, 3].
        instances: Instance ids as in the views' id maps, int32 [n].
        parts: Parts as in the views' part maps, uint8 [n].
        labels: ScanNet200 label ids, int32 [n].
        faces: Triangles, int32 [m, 3].
    """

    points: npt.NDArray[np.float32]
    colours: npt.NDArray[np.uint8]
    instances: npt.NDArray[np.int32]
    parts: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int32]
    faces: npt.NDArray[np.int32]


def fuse(scene: Scene, views: Iterable[View]) -> Scan:
    """The mesh of what the views have seen.

    Args:
        scene: The scene.
        views: Rendered views of it.

    Returns:
        Vertices that agree with the depth and id of at least one view, and the triangles
        between them.
    """
    solids = solids_of(scene)
    meshes = [
        subdivided(solid.mesh, edge) for solid, edge in zip(solids, _edges(solids), strict=True)
    ]
    counts = [len(mesh.points) for mesh in meshes]
    points = np.concatenate([mesh.points for mesh in meshes])
    instances = np.repeat(np.array([s.id for s in solids], dtype=np.int32), counts)
    seen = np.zeros(len(points), dtype=bool)
    for view in views:
        seen |= _seen_by(view, points, instances)
    offsets = np.cumsum([0, *counts[:-1]])
    faces = np.concatenate([m.faces + o for m, o in zip(meshes, offsets, strict=True)])
    faces = faces[seen[faces].all(axis=1)]
    new = np.cumsum(seen) - 1
    colours = np.concatenate([s.colours(m.uv) for s, m in zip(solids, meshes, strict=True)])
    names = scene.labels()
    known = np.zeros(max(names) + 1, dtype=np.int32)
    known[list(names)] = list(names.values())
    return Scan(
        points=points[seen].astype(np.float32),
        colours=colours[seen],
        instances=instances[seen],
        parts=np.repeat(np.array([s.part for s in solids], dtype=np.uint8), counts)[seen],
        labels=known[instances[seen]],
        faces=new[faces].astype(np.int32),
    )


def _edges(solids: list[Solid]) -> list[float]:
    """The longest edge that each piece may have."""
    area: dict[int, float] = {}
    for solid in solids:
        area[solid.id] = area.get(solid.id, 0.0) + _area(solid.mesh)
    fine = {id_: float(np.sqrt(a / _SMALL_POINTS)) * 1.2 for id_, a in area.items()}
    return [
        _SURFACE_EDGE
        if solid.part == 0
        else float(np.clip(fine[solid.id], _SMALL_EDGE, _THING_EDGE))
        for solid in solids
    ]


def _area(mesh: Mesh) -> float:
    corners = mesh.points[mesh.faces]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float(np.linalg.norm(across, axis=1).sum() / 2)


def _seen_by(view: View, points: Floats, instances: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """Which vertices a view shows."""
    pixels, depth = view.camera.project(points)
    at = np.round(pixels).astype(np.int64)
    height, width = view.depth.shape
    inside = (depth > 0.05) & np.all((at >= 0) & (at < [width, height]), axis=1)
    x, y = at[inside].T
    far = depth[inside]
    same = view.ids[y, x] == instances[inside]
    near = np.abs(view.depth[y, x] - far) < _NEAR + 0.01 * far
    seen = np.zeros(len(points), dtype=bool)
    seen[inside] = same & near
    return seen


def subdivided(mesh: Mesh, edge: float) -> Mesh:
    """A mesh whose longer edges are halved until none is longer than `edge` metres.

    Vertices at the same place become one, and neighbours are split at the same points, so the
    surface stays closed.
    """
    points, uv, faces = _welded(mesh)
    while True:
        sides = np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]], axis=2)
        keys = sides[..., 0] * len(points) + sides[..., 1]
        unique, place = np.unique(keys, return_inverse=True)
        ends = np.stack([unique // len(points), unique % len(points)], axis=1)
        long = np.linalg.norm(points[ends[:, 0]] - points[ends[:, 1]], axis=1) > edge
        if not long.any():
            return Mesh(points, faces, uv)
        middle = np.full(len(unique), -1)
        middle[long] = len(points) + np.arange(np.count_nonzero(long))
        points = np.concatenate([points, points[ends[long]].mean(axis=1)])
        uv = np.concatenate([uv, uv[ends[long]].mean(axis=1)])
        faces = _split(faces, middle[place.reshape(-1, 3)])


def _welded(mesh: Mesh) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    grid = np.round(mesh.points * 1e5).astype(np.int64)
    _, first, new = np.unique(grid, axis=0, return_index=True, return_inverse=True)
    faces = new.reshape(-1)[mesh.faces]
    whole = (
        (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    )
    return mesh.points[first], mesh.uv[first], faces[whole]


def _split(faces: npt.NDArray[np.int64], middles: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Splits triangles at the middles of their sides 01, 12, 20; -1 is an unsplit side."""
    count = (middles >= 0).sum(axis=1)
    done = [faces[count == 0]]
    # Turned so that the split side (of one) or the unsplit side (of two) comes first.
    odd = np.where(count == 1, np.argmax(middles >= 0, axis=1), np.argmin(middles, axis=1))
    order = (odd[:, None] + np.arange(3)) % 3
    (a, b, c), (m, n, o) = (np.take_along_axis(v, order, 1).T for v in (faces, middles))
    one, two, all_ = count == 1, count == 2, count == 3
    for which, triangles in (
        (one, ((a, m, c), (m, b, c))),
        (two, ((a, b, n), (a, n, o), (n, c, o))),
        (all_, ((a, m, o), (m, b, n), (o, n, c), (m, n, o))),
    ):
        done += [np.stack([v[which] for v in triangle], axis=1) for triangle in triangles]
    return np.concatenate(done)
