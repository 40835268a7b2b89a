"""What hides a room from those who look into it from above: its ceiling and its near walls."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openseg.types import Frames

_SNAP = np.cos(np.radians(30))
_HEADROOM = 0.2  # metres above the highest camera
_CEILING = 0.1  # metres that a ceiling is uneven at most
_COLUMN = 0.25  # metres of the squares that a ceiling covers
_WALL = 0.3  # metres from the outermost surface that count as a near wall
_TALL = 1.0  # metres that a wall is high at least
_SKIRTING = 0.1  # metres of a near wall that stay
_BIN = 0.1


def poses_of(frames: Frames | None) -> NDArray[np.float32]:
    """The cameras' poses, float32 `[f, 4, 4]`; none without frames."""
    return frames.poses.numpy(force=True) if frames else np.zeros((0, 4, 4), dtype=np.float32)


def upward(poses: NDArray[np.float32]) -> NDArray[np.float64]:
    """The direction up, float64 `[3]`: that of the cameras on average, which people hold upright.

    An axis of the world that is near it is taken instead, z where there are no cameras.

    Args:
        poses: float32 `[f, 4, 4]`.
    """
    up: NDArray[np.float64] = -poses[:, :3, 1].astype(np.float64).sum(axis=0)
    length = float(np.linalg.norm(up))
    if not length:
        return np.array([0.0, 0.0, 1.0])
    up /= length
    axis = int(np.abs(up).argmax())
    if abs(up[axis]) > _SNAP:
        up = np.eye(3)[axis] * np.sign(up[axis])
    return up


def highest(poses: NDArray[np.float32], up: NDArray[np.float64]) -> float:
    """The height that no camera reaches; infinite without cameras.

    Args:
        poses: float32 `[f, 4, 4]`.
        up: The direction up.
    """
    return float((poses[:, :3, 3] @ up).max()) + _HEADROOM if len(poses) else np.inf


def ceiling(ground: NDArray[np.float32], height: NDArray[np.float32]) -> float:
    """The height of a ceiling's underside; infinite where the topmost layer covers less than half.

    Args:
        ground: float32 `[n, 2]`: places on the floor's plane.
        height: float32 `[n]`.
    """
    floor, top = np.percentile(height, [1, 99.5])
    squares = ground // _COLUMN
    under = height > top - _CEILING
    covered = len(np.unique(squares[under], axis=0)) / max(1, len(np.unique(squares, axis=0)))
    return float(top - _CEILING) if covered > 0.5 and top - floor > _TALL else np.inf


def near_walls(
    across: NDArray[np.float32], outward: NDArray[np.float32], height: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Points of the walls that stand between the viewer and the room, bool `[n]`.

    Args:
        across: float32 `[n]`: places from left to right.
        outward: float32 `[n]`: places towards the viewer.
        height: float32 `[n]`.
    """
    floor = float(np.percentile(height, 1))
    column = np.floor((across - across.min()) / _BIN).astype(np.int64)
    tall = height > floor + _TALL
    outermost = np.full(int(column.max()) + 1, -np.inf, dtype=np.float32)
    np.maximum.at(outermost, column[tall], outward[tall])
    behind = outermost[column] - outward
    # Where nothing is tall, as on a table, there is no wall: minus infinity lies behind nothing.
    near = np.isfinite(behind) & (behind < _WALL)
    walls: NDArray[np.bool_] = near & (height > floor + _SKIRTING)
    return walls
