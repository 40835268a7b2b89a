"""Neighbouring pieces joined one pair after the other, the most alike first: a tree of candidates.

Every group that ever stood on the way is a candidate for an object, as in Uijlings et al.,
"Selective Search for Object Recognition", IJCV 2013.
"""

from __future__ import annotations

import heapq
import math
from typing import NamedTuple

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from openseg.ops.scenes.point_sets import suppressed

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Borders(NamedTuple):
    """Which pieces touch.

    Attributes:
        pairs: int64 `[b, 2]`: pieces, the lower one first, no pair twice.
        unlike: float64 `[b]`: mean over the pairs of points that touch there.
        length: float64 `[b]`: how many pairs of points those are.
    """

    pairs: Ints
    unlike: Floats
    length: Floats


def borders(piece: Ints, pairs: Ints, unlike: Floats, count: int) -> Borders:
    """Where pieces touch.

    Args:
        piece: int64 `[n]`: the piece of each point.
        pairs: int64 `[m, 2]`: neighbouring points.
        unlike: float64 `[m]`: how unlike they are.
        count: How many pieces there are.
    """
    ends = np.sort(piece[pairs], axis=1)
    across = ends[:, 0] != ends[:, 1]
    keys, place = np.unique(ends[across, 0] * count + ends[across, 1], return_inverse=True)
    length = np.bincount(place, minlength=len(keys)).astype(np.float64)
    total = np.bincount(place, weights=unlike[across], minlength=len(keys))
    return Borders(np.stack([keys // count, keys % count], axis=1), total / length, length)


def grow(touching: Borders, areas: Floats, power: float) -> Ints:
    """Joins pieces until none touch; a joined border is as unlike as its parts' mean.

    Args:
        touching: Where pieces touch.
        areas: float64 `[p]`: size of each piece.
        power: How much sooner small groups are joined than large ones: what joins first is least
            unlike, times the smaller one's area to this power.

    Returns:
        int64 `[g]`: for each group the one it was joined into, -1 for those left at the end. The
        first groups are the pieces themselves.
    """
    count, area = len(areas), areas.tolist()
    parent = [-1] * count
    around: list[dict[int, tuple[float, float]]] = [{} for _ in range(count)]
    heap = []

    def urgency(unlike: float, first: int, second: int) -> float:
        return unlike * math.pow(min(area[first], area[second]), power)

    columns = (touching.pairs.tolist(), touching.unlike.tolist(), touching.length.tolist())
    for (first, second), unlike, length in zip(*columns, strict=True):
        around[first][second] = around[second][first] = (unlike * length, length)
        heap.append((urgency(unlike, first, second), first, second))
    heapq.heapify(heap)
    while heap:
        _, first, second = heapq.heappop(heap)
        if parent[first] >= 0 or parent[second] >= 0:
            continue  # what it spoke of has been joined since
        new = len(parent)
        parent[first] = parent[second] = new
        parent.append(-1)
        area.append(area[first] + area[second])
        joined: dict[int, tuple[float, float]] = {}
        for part in (first, second):
            for other, (total, length) in around[part].items():
                if other not in (first, second):
                    so_far = joined.get(other, (0.0, 0.0))
                    joined[other] = (so_far[0] + total, so_far[1] + length)
                    del around[other][part]
            around[part] = {}
        for other, (total, length) in joined.items():
            around[other][new] = (total, length)
            heapq.heappush(heap, (urgency(total / length, other, new), other, new))
        around.append(joined)
    return np.array(parent, dtype=np.int64)


def members(parents: Ints, count: int) -> list[list[int]]:
    """The pieces of every group.

    Args:
        parents: What `grow` gave.
        count: How many pieces there are.
    """
    found: list[list[int]] = [[i] for i in range(count)]
    found += [[] for _ in range(len(parents) - count)]
    for group, parent in enumerate(parents.tolist()):
        if parent >= 0:
            found[parent] += found[group]
    return found


def distinct(groups: list[list[int]], scores: Floats, sizes: Ints, max_iou: float) -> list[int]:
    """Drops groups that nearly repeat a better one.

    Args:
        groups: The pieces of each, none twice.
        scores: float64 `[g]`.
        sizes: int64 `[p]`: points of each piece.
        max_iou: Overlap in points above which the weaker of two is dropped.

    Returns:
        Rows kept, best first.
    """
    ends = np.cumsum([0, *(len(group) for group in groups)])
    pieces = np.array([one for group in groups for one in group], dtype=np.int64)
    shape = (len(groups), len(sizes))
    has = scipy.sparse.csr_array((np.ones(len(pieces), dtype=np.int64), pieces, ends), shape)
    inter = (has * sizes[None]).tocsr() @ has.T
    order = np.argsort(-scores, kind="stable").tolist()
    return suppressed(inter, has @ sizes, order, np.zeros(len(groups), dtype=np.int64), max_iou)
