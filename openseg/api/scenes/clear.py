"""Which objects of a ranking are shown: benchmarks want every guess, people want an answer.

Methods on scenes rank: several phrases for one object, several outlines, down to the faintest.
Records and submissions keep all of that; pictures, meshes and the command line show what is clear.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

SHARE = 0.5
"""Of the best score: what is less sure than that is not shown."""

SAME = 0.3
"""IoU from which two objects are the same thing, whatever they are called."""

INSIDE = 0.5
"""Share of an object's points in a surer one of its class from which it is a piece of that."""


def clear_rows(
    scores: Sequence[float],
    classes: Sequence[int],
    points: Callable[[int], NDArray[np.int64]],
    total: int,
) -> list[int]:
    """The objects that are surest, and neither another view nor a piece of a surer one.

    What lies on another thing and belongs to it in part, as a pillow to a bed, is shown.

    Args:
        scores: The score of each object.
        classes: The class of each.
        points: Gives the points of an object, int64.
        total: Points of the cloud.

    Returns:
        Rows, the surest first; of equal scores the earlier one.
    """
    shown: dict[int, tuple[NDArray[np.bool_], int]] = {}
    best = max(scores, default=0.0)
    for row in sorted(range(len(scores)), key=lambda one: -scores[one]):
        if scores[row] < SHARE * best:
            break
        mine = points(row)
        for other, (inside, size) in shown.items():
            shared = int(np.count_nonzero(inside[mine]))
            union = len(mine) + size - shared
            piece = classes[other] == classes[row] and shared > INSIDE * len(mine)
            if piece or shared > SAME * union:
                break
        else:
            member = np.zeros(total, dtype=bool)
            member[mine] = True
            shown[row] = member, len(mine)
    return list(shown)


def owners(objects: Sequence[NDArray[np.int64]], total: int) -> NDArray[np.int64]:
    """The object of each point, int64 `[total]`, -1 for none; of several the smallest.

    Args:
        objects: The points of each object.
        total: Points of the cloud.
    """
    owner = np.full(total, -1, dtype=np.int64)
    for row in sorted(range(len(objects)), key=lambda one: -len(objects[one])):
        owner[objects[row]] = row
    return owner
