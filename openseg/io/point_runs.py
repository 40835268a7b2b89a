"""Points of a cloud at rest: how many are skipped, then taken, then skipped, and so on.

Meshes number neighbours near each other, so an object of ten thousand points is a few hundred
numbers. It is COCO's uncompressed encoding of a mask, over points instead of pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError


def encode_points(points: NDArray[np.int64]) -> list[int]:
    """Run lengths of a set of points.

    Args:
        points: Rows of the cloud, int64 `[m]`, rising.

    Returns:
        Points skipped and taken in turn, beginning with those skipped; none for no points.
    """
    if not len(points):
        return []
    breaks = np.flatnonzero(np.diff(points) > 1)
    first = points[np.concatenate([[0], breaks + 1])]
    after = points[np.concatenate([breaks, [len(points) - 1]])] + 1
    turns = np.stack([first, after], axis=1).reshape(-1)
    runs: list[int] = np.diff(turns, prepend=0).tolist()
    return runs


def decode_points(runs: Sequence[int], total: int) -> NDArray[np.int64]:
    """The points that run lengths stand for.

    Args:
        runs: What `encode_points` gave.
        total: Points of the cloud.

    Returns:
        int64 `[m]`, rising.

    Raises:
        InputError: If they are no run lengths of such a cloud.
    """
    lengths = np.array(runs, dtype=np.int64).reshape(len(runs))
    if len(lengths) % 2 or (lengths < 0).any() or int(lengths.sum()) > total:
        raise InputError(
            f"{len(runs)} run lengths do not fit a cloud of {total} points",
            fix="the cloud is not the one they were made on",
        )
    ends = np.cumsum(lengths)[1::2]
    taken = lengths[1::2]
    starts = np.repeat(ends - np.cumsum(taken), taken)
    found: NDArray[np.int64] = starts + np.arange(len(starts))
    return found
