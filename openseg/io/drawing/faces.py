"""A mesh as points so near to each other that drawn as discs they leave no holes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MOST = 2_000_000
"""Points made of a mesh; where there would be more they lie farther apart."""

_MOST_STEPS = 1000  # along one edge of a triangle
_GROWTH = 1.3


class Covered(NamedTuple):
    """Points on the faces of a mesh.

    Attributes:
        positions: float32 `[m, 3]`.
        colors: uint8 `[m, 3]`, blended from the corners.
        vertex: int64 `[m]`: the nearest corner's row.
        spacing: Metres that they lie apart at most.
    """

    positions: NDArray[np.float32]
    colors: NDArray[np.uint8]
    vertex: NDArray[np.int64]
    spacing: float


def cover(
    positions: NDArray[np.float32],
    colors: NDArray[np.uint8],
    faces: NDArray[np.int64],
    spacing: float,
) -> Covered:
    """Covers the triangles of a mesh with points; its vertices are among them.

    Args:
        positions: float32 `[n, 3]`.
        colors: uint8 `[n, 3]`.
        faces: int64 `[f, 3]` or `[f, 4]`: rows of vertices.
        spacing: Metres between points, as long as there are at most `MOST`.
    """
    if faces.shape[1] > 3:
        faces = np.concatenate([faces[:, [0, 1, 2]], faces[:, [0, 2, 3]]])
    # Triangles are drawn line by line along their longest edge, from a to b, towards c.
    ends = positions[faces]
    edges = np.linalg.norm(ends - np.roll(ends, -1, axis=1), axis=2)
    first = edges.argmax(axis=1)
    corners = np.take_along_axis(faces, (first[:, None] + np.arange(3)) % 3, axis=1)
    a, b, c = (positions[one] for one in corners.T)
    base = edges.max(axis=1, initial=0)
    height = np.linalg.norm(np.cross(b - a, c - a), axis=1) / np.maximum(base, 1e-12)
    while True:
        along, up = _steps(base / spacing), _steps(height / spacing)
        if ((along + 1) * (up + 1)).sum() <= max(MOST, 4 * len(faces)):
            break
        spacing *= _GROWTH
    made = [(positions, colors, np.arange(len(positions)))]
    for columns, lines in np.unique(np.stack([along, up], axis=1), axis=0).tolist():
        own = corners[(along == columns) & (up == lines)]
        t, s = (one.reshape(-1) for one in np.indices((lines + 1, columns + 1), dtype=np.float32))
        t, s = t / lines, s / columns
        shares = np.stack([(1 - t) * (1 - s), (1 - t) * s, t], axis=1)
        places = np.einsum("sc,fcd->fsd", shares, positions[own]).reshape(-1, 3)
        blended = np.einsum("sc,fcd->fsd", shares, colors[own].astype(np.float32)).reshape(-1, 3)
        vertex = own[:, shares.argmax(axis=1)].reshape(-1)
        made.append((places, np.rint(blended).astype(np.uint8), vertex))
    parts = [np.concatenate(column) for column in zip(*made, strict=True)]
    return Covered(parts[0].astype(np.float32), parts[1], parts[2], spacing)


def _steps(lengths: NDArray[np.float32]) -> NDArray[np.int64]:
    """How many steps a length is taken in: powers of two and half-way between, so few differ."""
    many = np.ceil(lengths).clip(1, _MOST_STEPS)
    power = 2 ** np.floor(np.log2(many))
    half_way = np.where(many <= 1.5 * power, 1.5 * power, 2 * power)
    steps: NDArray[np.int64] = np.where(many == power, power, half_way).astype(np.int64)
    return steps
