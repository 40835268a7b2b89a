"""Clusters of any shape and number: regions that stay dense while the asked density rises.

Campello et al., "Density-Based Clustering Based on Hierarchical Density Estimates", PAKDD 2013
(HDBSCAN, excess of mass); a least distance as of Malzer and Baum, MFI 2020, arXiv:1911.02282.
Memory is that of the points: no table of all distances is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NOISE = -1
BLOCK = 1 << 22
"""Distances that are in memory at once."""

_SMALLEST = 1e-12
"""Distance of equal points, so that densities stay finite."""


def cluster(points: Floats, min_size: int, epsilon: float = 0.0) -> Ints:
    """Clusters points by density.

    Args:
        points: `[m, d]`.
        min_size: The least points of a cluster, at least 2; also how many points, itself among
            them, a point's density is taken from.
        epsilon: Clusters are not told apart at distances below this one.

    Returns:
        `[m]`: a cluster each, from 0, in the order of their first points; -1 for noise. Nothing is
        a cluster if everything would be one.
    """
    m = len(points)
    if m < 2 * min_size:
        return np.full(m, NOISE, dtype=np.int64)
    core = _core_distances(points, min_size)
    tree = _condensed(*_linkage(_spanning_tree(points, core), m), min_size)
    chosen = _above(tree, _most_lasting(tree), epsilon)
    # A point is in the chosen cluster that it fell out of, or that holds the one it fell out of.
    owner = np.full(len(tree.parent), NOISE, dtype=np.int64)
    for row, parent in enumerate(tree.parent):
        owner[row] = row if row in chosen else owner[parent] if row else NOISE
    found = owner[tree.left]
    names, first, place = np.unique(found, return_index=True, return_inverse=True)
    inside = names != NOISE
    rank = np.full(len(names), NOISE, dtype=np.int64)
    rank[inside] = np.argsort(np.argsort(first[inside]))
    labels: Ints = rank[place]
    return labels


def parts(positions: Floats, labels: Ints, gap: float) -> Ints:
    """Cuts clusters into parts that lie apart.

    Args:
        positions: `[n, 3]`, metres.
        labels: `[n]`: the cluster of each; negative for none.
        gap: Side of the cubes that are counted: parts of a cluster with an empty cube between them
            are told apart, metres.

    Returns:
        `[n]`: the part of each, from 0; -1 for none.
    """
    inside = np.flatnonzero(labels >= 0)
    cubes = np.floor(positions[inside] / gap).astype(np.int64)
    # Clusters lie far apart along a fourth axis.
    keys = np.concatenate([cubes, 2 * labels[inside, None]], axis=1)
    some, place = np.unique(keys, axis=0, return_inverse=True)
    found = np.full(len(labels), NOISE, dtype=np.int64)
    if len(some):
        near = cKDTree(some).query_pairs(1.5, p=np.inf, output_type="ndarray")
        graph = coo_array((np.ones(len(near)), (near[:, 0], near[:, 1])), shape=(len(some),) * 2)
        found[inside] = connected_components(graph, directed=False)[1][place.reshape(-1)]
    return found


def _core_distances(points: Floats, count: int) -> Floats:
    """Distance from each point to the farthest of its nearest, itself counted."""
    step = max(1, BLOCK // len(points))
    nearest = [
        np.partition(cdist(points[start : start + step], points), count - 1)[:, count - 1]
        for start in range(0, len(points), step)
    ]
    return np.concatenate(nearest)


def _spanning_tree(points: Floats, core: Floats) -> Floats:
    """Prim's tree of mutual reachability: rows of two points and their distance, shortest first."""
    m = len(points)
    edges = np.zeros((m - 1, 3))
    best, source = np.full(m, np.inf), np.zeros(m)
    outside = np.ones(m, dtype=bool)
    squares = (points**2).sum(axis=1)
    now = 0
    for row in range(m - 1):
        outside[now] = False
        apart = np.sqrt(np.maximum(squares + squares[now] - 2 * (points @ points[now]), 0))
        apart = np.maximum(apart, np.maximum(core, core[now]))
        nearer = outside & (apart < best)
        best[nearer], source[nearer] = apart[nearer], now
        now = int(np.where(outside, best, np.inf).argmin())
        edges[row] = source[now], now, best[now]
    return edges[np.argsort(edges[:, 2], kind="stable")]


def _linkage(edges: Floats, m: int) -> tuple[Ints, Floats, Ints]:
    """The tree of joins: children `[m - 1, 2]`, distances and sizes; join i is node m + i."""
    parent = list(range(2 * m - 1))
    size = np.ones(2 * m - 1, dtype=np.int64)
    children = np.zeros((m - 1, 2), dtype=np.int64)

    def top(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for row, (a, b, _) in enumerate(edges.tolist()):
        one, other = top(int(a)), top(int(b))
        children[row] = one, other
        parent[one] = parent[other] = m + row
        size[m + row] = size[one] + size[other]
    return children, edges[:, 2], size


class _Tree(NamedTuple):
    """Clusters as the density rises: they lose points, and split where both sides are large.

    Row 0 is everything; `parent` comes before its children. `birth` is the density (one over a
    distance) a cluster appears at, `stability` the sum over its points of how much longer they
    stay, `left` `[m]` the cluster that each point falls out of.
    """

    parent: list[int]
    birth: list[float]
    stability: list[float]
    left: Ints


def _condensed(children: Ints, apart: Floats, size: Ints, min_size: int) -> _Tree:
    m = len(children) + 1
    tree = _Tree([0], [0.0], [0.0], np.zeros(m, dtype=np.int64))
    waiting = [(2 * m - 2, 0)]
    while waiting:
        node, own = waiting.pop()
        density = 1 / max(float(apart[node - m]), _SMALLEST)
        sides = [int(one) for one in children[node - m]]
        large = [one for one in sides if size[one] >= min_size]
        lasted = density - tree.birth[own]
        for one in sides:
            if len(large) == 2:
                tree.stability[own] += lasted * float(size[one])
                waiting.append((one, len(tree.parent)))
                tree.parent.append(own)
                tree.birth.append(density)
                tree.stability.append(0.0)
            elif one in large:
                waiting.append((one, own))
            else:
                tree.stability[own] += lasted * float(size[one])
                tree.left[_points(one, children, m)] = own
    return tree


def _points(node: int, children: Ints, m: int) -> list[int]:
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        if one < m:
            found.append(one)
        else:
            waiting += children[one - m].tolist()
    return found


def _most_lasting(tree: _Tree) -> set[int]:
    """Clusters that together last longest, none in another; everything is not among them."""
    count = len(tree.parent)
    below = [0.0] * count
    total = list(tree.stability)
    has_children = [False] * count
    keeps = [True] * count
    for row in range(count - 1, 0, -1):
        if has_children[row] and below[row] > total[row]:
            keeps[row], total[row] = False, below[row]
        below[tree.parent[row]] += total[row]
        has_children[tree.parent[row]] = True
    chosen: set[int] = set()
    covered = [False] * count
    for row in range(1, count):
        covered[row] = covered[tree.parent[row]]
        if keeps[row] and not covered[row]:
            chosen.add(row)
            covered[row] = True
    return chosen


def _above(tree: _Tree, chosen: set[int], epsilon: float) -> set[int]:
    """The same, where those that split below a distance are replaced by what they split from."""
    found = set()
    for row in sorted(chosen):
        up = row
        while up and 1 / tree.birth[up] < epsilon and tree.parent[up]:
            up = tree.parent[up]
        found.add(up)
    return {row for row in found if not _is_inside(row, found, tree)}


def _is_inside(row: int, others: set[int], tree: _Tree) -> bool:
    while row:
        row = tree.parent[row]
        if row in others:
            return True
    return False
