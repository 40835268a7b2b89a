"""Draws a cloud without a graphics library: every point a small disc, the nearest one wins.

Pixels are shaded by how far they lie behind their neighbours (eye-dome lighting, Boucheny 2009), so
that shapes are seen without normals.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

PAPER = 250
"""Grey of the pixels without points."""

_FINER = 2  # pixels of the drawing in a pixel of the picture, each way
_MOST = 2_000_000  # points drawn; more lie on the same pixels
_WIDEST = 14  # pixels of the drawing that a disc reaches
_REACH = 3  # pixels around which shading looks
_STEEP = 0.3  # metres behind a neighbour that shade as dark as can be
_DARK = 1.1


class Splat(NamedTuple):
    """A drawn cloud.

    Attributes:
        colors: uint8 `[h, w, 3]`.
        points: int64 `[h, w]`: the row of the point that each pixel shows, -1 for none.
    """

    colors: NDArray[np.uint8]
    points: NDArray[np.int64]


def splat(
    places: NDArray[np.float32],
    depth: NDArray[np.float32],
    colors: NDArray[np.uint8],
    size: tuple[int, int],
    radius: NDArray[np.float32],
) -> Splat:
    """Draws points.

    Args:
        places: float32 `[n, 2]`: x and y of each in pixels.
        depth: float32 `[n]`: how far away it is, metres.
        colors: uint8 `[n, 3]`.
        size: Height and width of the picture.
        radius: float32 `[n]`: of its disc, in pixels.
    """
    height, width = (_FINER * side for side in size)
    # A margin that no picture shows takes what discs at the edge reach.
    wide = width + 2 * _WIDEST
    nearest = np.full((height + 2 * _WIDEST) * wide, np.inf, dtype=np.float32)
    shown = np.full(len(nearest), -1, dtype=np.int64)
    rows = np.arange(0, len(depth), max(1, len(depth) // _MOST))
    # From far to near: where several points of one step fall on a pixel, the last one stays.
    rows = rows[np.argsort(-depth[rows], kind="stable")]
    corner = np.rint(_FINER * places[rows]).astype(np.int64) + _WIDEST
    sides = np.rint(_FINER * radius[rows]).astype(np.int64).clip(1, _WIDEST)
    near_it = (corner >= sides[:, None]) & (corner < [wide, height + 2 * _WIDEST] - sides[:, None])
    for side in np.unique(sides).tolist():
        mine = np.flatnonzero((sides == side) & near_it.all(axis=1))
        middle = corner[mine] @ [1, wide]
        far = depth[rows[mine]]
        for offset in (_disc(side) @ [1, wide]).tolist():
            pixels = middle + offset
            wins = np.flatnonzero(far < nearest[pixels])
            nearest[pixels[wins]] = far[wins]
            shown[pixels[wins]] = rows[mine[wins]]
    inner = slice(_WIDEST, -_WIDEST)
    nearest = nearest.reshape(-1, wide)[inner, inner].reshape(-1)
    shown = shown.reshape(-1, wide)[inner, inner].reshape(-1)
    drawn = np.full((height * width, 3), PAPER, dtype=np.float32)
    there = shown >= 0
    drawn[there] = colors[shown[there]]
    drawn *= _shade(nearest.reshape(height, width)).reshape(-1, 1)
    smooth = drawn.reshape(size[0], _FINER, size[1], _FINER, 3).mean(axis=(1, 3))
    picture = np.rint(smooth).astype(np.uint8)
    return Splat(picture, shown.reshape(height, width)[::_FINER, ::_FINER])


def _disc(radius: int) -> NDArray[np.int64]:
    """Offsets of the pixels of a disc."""
    side = np.arange(-radius, radius + 1)
    offsets = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    found: NDArray[np.int64] = offsets[(offsets**2).sum(axis=1) <= radius**2]
    return found


def _shade(depth: NDArray[np.float32]) -> NDArray[np.float32]:
    """How bright each pixel is, 0 to 1: darker the farther it lies behind its neighbours."""
    padded = np.pad(depth, _REACH, constant_values=np.inf)
    height, width = depth.shape
    behind = np.zeros_like(depth)
    around = [(0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)]
    known = np.isfinite(depth)
    for dy, dx in around:
        top, left = _REACH * (1 + dy), _REACH * (1 + dx)
        other = padded[top : top + height, left : left + width]
        with np.errstate(invalid="ignore"):  # nothing behind nothing
            behind += np.where(known, np.clip(depth - other, 0, _STEEP), 0)
    shade: NDArray[np.float32] = np.exp(-_DARK * behind / (_STEEP * len(around))).astype(np.float32)
    return shade
