"""Upright boxes of objects in a scene's own axes, and the eight corners that files write."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Axes = tuple[tuple[float, ...], ...]
"""Rows of a 4x4 matrix that turns a cloud into the axes of its boxes; none if it is in them."""

_DIGITS = 6
_SIDES = [[0, 1, 2], [0, 4, 2], [3, 4, 2], [3, 1, 2], [0, 1, 5], [0, 4, 5], [3, 4, 5], [3, 1, 5]]


def upright_box(points: NDArray[np.float32], axes: Axes) -> NDArray[np.float64]:
    """The box around points.

    Args:
        points: In the axes of the cloud, metres, `float32 [n, 3]`, at least one.
        axes: The axes that the box is upright in.

    Returns:
        Smallest x, y, z, then largest x, y, z, `float64 [6]`.
    """
    if axes:
        matrix = np.array(axes, dtype=np.float64)
        turned = points.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
        points = turned.astype(np.float32)  # as ScanRefer keeps them
    return np.concatenate([points.min(axis=0), points.max(axis=0)]).astype(np.float64)


def corners_of(box: NDArray[np.float64]) -> list[list[float]]:
    """The corners of a box, micrometres being the last digit; first those of its floor."""
    return [[round(float(box[side]), _DIGITS) for side in corner] for corner in _SIDES]


def box_around(corners: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """The upright box around corners, `float64 [6]`: that of `corners_of`, in any order."""
    found = np.array(corners, dtype=np.float64)
    return np.concatenate([found.min(axis=0), found.max(axis=0)])
