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

OWN = 0.5
"""Share of an object's points that no better object has."""


def clear_rows(
    scores: Sequence[float], points: Callable[[int], NDArray[np.int64]], total: int
) -> list[int]:
    """The objects that are surest, and not another view of a surer one.

    Args:
        scores: The score of each object.
        points: Gives the points of an object, int64.
        total: Points of the cloud.

    Returns:
        Rows, the surest first; of equal scores the earlier one.
    """
    taken = np.zeros(total, dtype=bool)
    shown: list[int] = []
    for row in sorted(range(len(scores)), key=lambda one: -scores[one]):
        if scores[row] < SHARE * scores[shown[0] if shown else row]:
            break
        mine = points(row)
        if np.count_nonzero(taken[mine]) <= (1 - OWN) * len(mine):
            taken[mine] = True
            shown.append(row)
    return shown
