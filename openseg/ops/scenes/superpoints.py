"""Cuts a graph of points into pieces whose inside is smoother than their border.

Felzenszwalb and Huttenlocher, "Efficient Graph-Based Image Segmentation", IJCV 2004, which is also
ScanNet's over-segmentation. Edges are not taken one by one: in each round every piece that may join
the neighbour it is most like does so (Boruvka's way), so that numpy does the work.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def cut(weights: Floats, pairs: Ints, total: int, scale: float, min_points: int) -> Ints:
    """Cuts points into pieces.

    Args:
        weights: `[m]`: how unlike two neighbours are, not negative.
        pairs: `[m, 2]`: the neighbours.
        total: How many points there are.
        scale: Larger values give larger pieces: a piece of n points accepts borders that are
            `scale / n` above its inner differences.
        min_points: Smaller pieces join the neighbour that they are most like; those without any
            stay.

    Returns:
        `[total]`: a piece each, numbered from 0 in the order of their first points.
    """
    piece = np.arange(total, dtype=np.int64)
    inner, size = np.zeros(total), np.ones(total)
    edges, unlike = pairs, weights
    for small_only in (False, True):
        while len(unlike):
            slack = inner + scale / size
            may = small_only | (unlike <= slack[edges].min(axis=1))
            seeking = size < min_points if small_only else np.ones(len(size), dtype=bool)
            chosen = _best(edges[may], unlike[may], seeking)
            if not len(chosen):
                break
            joins, costs = edges[may][chosen], unlike[may][chosen]
            new, inner, size = _joined(joins, costs, inner, size)
            piece = new[piece]
            edges = new[edges]
            apart = edges[:, 0] != edges[:, 1]
            edges, unlike = edges[apart], unlike[apart]
    _, first_point, place = np.unique(piece, return_index=True, return_inverse=True)
    rank: Ints = np.argsort(np.argsort(first_point))[place]
    return rank


def _best(edges: Ints, unlike: Floats, seeking: NDArray[np.bool_]) -> Ints:
    """For each piece that seeks, the edge to the neighbour it is most like; ties by row."""
    ends = edges.T.reshape(-1)
    rows, costs = np.tile(np.arange(len(edges)), 2), np.tile(unlike, 2)
    own = seeking[ends]
    ends, rows, costs = ends[own], rows[own], costs[own]
    order = np.lexsort((rows, costs, ends))
    is_first = np.diff(ends[order], prepend=-1) > 0
    chosen: Ints = np.unique(rows[order][is_first])
    return chosen


def _joined(joins: Ints, costs: Floats, inner: Floats, size: Floats) -> tuple[Ints, Floats, Floats]:
    """New numbers of the pieces, and what is known of the new ones."""
    count = len(size)
    graph = coo_array((np.ones(len(joins)), (joins[:, 0], joins[:, 1])), shape=(count, count))
    number, new = connected_components(graph, directed=False)
    inside = np.zeros(number)
    np.maximum.at(inside, new, inner)
    np.maximum.at(inside, new[joins[:, 0]], costs)
    sizes = np.bincount(new, weights=size, minlength=number).astype(np.float64)
    return new.astype(np.int64), inside, sizes
