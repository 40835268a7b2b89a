"""How much of each thing a camera sees, estimated from points on the surfaces without rendering.

Points fall into the cells of a coarse picture; the nearest point of a cell hides the others. The
estimate decides where things may stand; the renderer measures the exact shares afterwards.
"""

from collections.abc import Sequence

import numpy as np

from openseg.mini.rooms.scene import Camera, Thing
from openseg.mini.rooms.shapes.mesh import Floats, Mesh
from openseg.mini.rooms.solids import thing_mesh

CELLS = 64
"""Cells along the height of the coarse picture."""


def surface_points(mesh: Mesh, count: int, rng: np.random.Generator) -> Floats:
    """Points spread evenly over a mesh's surface, float64 [count, 3]."""
    corners = mesh.points[mesh.faces]
    edges = corners[:, 1:] - corners[:, :1]
    area = np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1)
    face = rng.choice(len(area), count, p=area / area.sum())
    along = rng.random((count, 2))
    along = np.where(along.sum(axis=1, keepdims=True) > 1, 1 - along, along)
    return np.asarray(corners[face, 0] + np.einsum("nk,nkd->nd", along, edges[face]))


def clouds_of(things: Sequence[Thing], count: int, rng: np.random.Generator) -> list[Floats]:
    """Points on the surface of each thing, [count, 3] each."""
    return [surface_points(thing_mesh(thing), count, rng) for thing in things]


def estimate(camera: Camera, clouds: Sequence[Floats]) -> tuple[Floats, Floats, Floats]:
    """Estimates how much of each thing is seen.

    Args:
        camera: The camera.
        clouds: Points on each thing's surface, one array [k, 3] a thing.

    Returns:
        Of each thing [n]: the visible share of its picture area inside the picture, the visible
        share of all its points' cells, and the sides of the box around its visible points [n, 2]
        as shares of the picture's height, the shorter first.
    """
    where, depth = camera.project(np.concatenate(clouds))
    owner = np.repeat(np.arange(len(clouds)), [len(cloud) for cloud in clouds])
    scale = CELLS / camera.height
    columns = int(np.ceil(camera.width * scale))
    at = np.floor((where + 0.5) * scale).astype(np.int64)
    inside = (depth > 0.05) & np.all((at >= 0) & (at < [columns, CELLS]), axis=1)
    cell = np.where(inside, at @ np.array([1, columns]), -1)
    # Far points first: the nearest point writes a cell last.
    order = np.argsort(-depth)
    order = order[inside[order]]
    front = np.full(columns * CELLS, -1)
    front[cell[order]] = owner[order]
    share, whole = np.zeros(len(clouds)), np.zeros(len(clouds))
    sides = np.zeros((len(clouds), 2))
    for i in range(len(clouds)):
        mine = (owner == i) & inside
        if not mine.any():
            continue
        seen = mine & (front[cell] == i)
        share[i] = np.sum(front == i) / len(np.unique(cell[mine]))
        whole[i] = share[i] * np.mean(inside[owner == i])
        if seen.any():
            sides[i] = np.sort(np.ptp(where[seen], axis=0)) / camera.height
    return share, whole, sides
