"""How much of each object a camera sees, estimated from points on the surfaces without rendering.

Points fall into the cells of a coarse picture; the nearest point of a cell hides the others. The
estimate decides where things may stand; the renderer measures the exact shares afterwards.
"""

from collections.abc import Sequence

import numpy as np

from openseg.mini.world.mesh import Floats, Mesh
from openseg.mini.world.scene import Camera
from openseg.mini.world.view import project

CELLS = 64
"""Cells along a side of the coarse picture."""


def surface_points(mesh: Mesh, count: int, rng: np.random.Generator) -> Floats:
    """Points spread evenly over a mesh's surface, float64 [count, 3]."""
    corners = mesh.points[mesh.faces]
    edges = corners[:, 1:] - corners[:, :1]
    area = np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1)
    face = rng.choice(len(area), count, p=area / area.sum())
    along = rng.random((count, 2))
    along = np.where(along.sum(axis=1, keepdims=True) > 1, 1 - along, along)
    return np.asarray(corners[face, 0] + np.einsum("nk,nkd->nd", along, edges[face]))


def estimate(camera: Camera, clouds: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Estimates how much of each object is seen.

    Args:
        camera: The camera.
        clouds: Points on each object's surface, one array [k, 3] per object, all inside the
            picture.

    Returns:
        Visible share of each object's picture area [n], and the shorter side of the box around
        its visible points as a share of the picture's side [n].
    """
    where, depth = project(camera, np.concatenate(clouds))
    owner = np.repeat(np.arange(len(clouds)), [len(cloud) for cloud in clouds])
    cell = np.clip((where * CELLS).astype(np.int64), 0, CELLS - 1) @ np.array([1, CELLS])
    # Far points first: the nearest point writes a cell last.
    order = np.argsort(-depth)
    front = np.full(CELLS * CELLS, -1)
    front[cell[order]] = owner[order]
    share, side = np.zeros(len(clouds)), np.zeros(len(clouds))
    for i in range(len(clouds)):
        mine = owner == i
        seen = mine & (front[cell] == i)
        if seen.any():
            share[i] = np.sum(front == i) / len(np.unique(cell[mine]))
            side[i] = np.ptp(where[seen], axis=0).min()
    return share, side
