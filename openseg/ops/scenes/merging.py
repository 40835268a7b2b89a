"""Pieces that single views saw of objects, put together where the views agree.

Two pieces are compared on the points that both their cameras see: what one camera cannot see says
nothing about it. Groups are compared by the sums over their pairs (average linkage weighted by
evidence). Yan et al., "MaskClustering", CVPR 2024, arXiv:2401.07745, build on the same consensus.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openseg.ops.scenes.looking import Eye, Look
from openseg.ops.scenes.point_sets import from_pairs, shared
from openseg.types import Instances3D

Floats = NDArray[np.float64]

PAIRS = 300_000_000
"""Pairs of pieces that share a point, over all points, that are counted; beyond it every so many
points are left out and the others stand for them."""

_SPREAD = 2_654_435_761
"""Knuth's multiplier: points that are kept lie all over the scene."""


def group(
    pieces: Instances3D, visible: Tensor, views: Tensor, classes: Tensor, min_agreement: float
) -> Tensor:
    """Which pieces are of one object.

    Args:
        pieces: Points of each piece, all seen by its view.
        visible: int64 `[m, f]`: points of each piece that each view sees.
        views: int64 `[m]`: the view each piece is from.
        classes: int64 `[m]`; pieces of different classes are never of one object.
        min_agreement: Groups are joined as long as, of the points that cameras of both see and
            that are in either, at least this share is in both.

    Returns:
        int64 `[m]`: a group each, numbered from 0 in the order of their first pieces.
    """
    some, step = _sample(pieces)
    common = shared(some, some) * step
    seen, at = visible.cpu().numpy(), views.cpu().numpy()
    found = np.full(len(pieces), -1, dtype=np.int64)
    count = 0
    kinds = classes.cpu().numpy()
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        inter = common[rows][:, rows].toarray().astype(np.float64)
        cross = seen[rows][:, at[rows]]
        union = cross + cross.T - inter
        groups = agglomerate(inter, union, min_agreement)
        found[rows] = groups + count
        count += int(groups.max(initial=-1)) + 1
    _, first, place = np.unique(found, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return torch.from_numpy(rank[place].astype(np.int64)).to(pieces.points.device)


def _sample(pieces: Instances3D) -> tuple[Instances3D, int]:
    """The pieces with one of every so many points, and how many that is."""
    often = torch.bincount(pieces.points).double()
    step = max(1, -(-int((often * often).sum()) // PAIRS))
    if step == 1:
        return pieces, 1
    keep = (pieces.points * _SPREAD % (1 << 32)) % step == 0
    owners, points = pieces.owners[keep], pieces.points[keep]
    return from_pairs(owners, points, pieces.scores, pieces.total), step


def agglomerate(inter: Floats, union: Floats, threshold: float) -> NDArray[np.int64]:
    """Joins the most alike groups until no two reach a threshold.

    How alike two groups are is the sum of `inter` over their pairs divided by that of `union`. A
    joined group is never more alike to a third than the better of its parts was, so a chain of
    nearest neighbours finds the same groups as a search of all pairs, in time n squared.

    Args:
        inter: `[n, n]`, symmetric; the diagonal is not read.
        union: `[n, n]`, symmetric, not negative.
        threshold: Above 0.

    Returns:
        int64 `[n]`: a group each, from 0.
    """
    n = len(inter)
    inter, union = inter.copy(), np.maximum(union, 1e-9)
    parent = np.arange(n)
    alive = np.ones(n, dtype=bool)
    chain: list[int] = []
    for start in range(n):
        if alive[start]:
            chain.append(start)
        while chain:
            last = chain[-1]
            alike = np.where(alive, inter[last] / union[last], -1.0)
            alike[last] = -1.0
            nearest = int(alike.argmax())
            if len(chain) > 1 and alike[chain[-2]] >= alike[nearest]:
                nearest = chain[-2]
            if alike[nearest] < threshold:
                alive[last] = False  # it stays alone: nothing will ever be more alike
                chain.pop()
            elif len(chain) > 1 and nearest == chain[-2]:
                del chain[-2:]
                _join(inter, nearest, last)
                _join(union, nearest, last)
                alive[last] = False
                parent[parent == last] = nearest
                if not chain:
                    chain.append(nearest)
            else:
                chain.append(nearest)
    groups: NDArray[np.int64] = np.unique(parent, return_inverse=True)[1]
    return groups


def _join(table: Floats, into: int, gone: int) -> None:
    table[into] += table[gone]
    table[:, into] += table[:, gone]


class Agreement(NamedTuple):
    """What the views of each group say of its points.

    Attributes:
        whole: Every point that is in any piece of a group; scores 0.
        shares: float32, as `whole.points`: of the group's views that see the point, the share that
            has it in a piece.
        visible: int64 `[k, f]`: points of the whole group that each view sees.
    """

    whole: Instances3D
    shares: Tensor
    visible: Tensor

    def points(self, keep: Tensor) -> Instances3D:
        """The groups with some of their points.

        Args:
            keep: bool, as `whole.points`.
        """
        whole = self.whole
        return from_pairs(whole.owners[keep], whole.points[keep], whole.scores, whole.total)


def agreement(
    pieces: Instances3D,
    groups: Tensor,
    views: Tensor,
    looks: Iterable[Look],
    shape: tuple[int, int],
) -> Agreement:
    """Asks each group's views about its points.

    Args:
        pieces: The pieces.
        groups: int64 `[m]`: the group of each, from 0.
        views: int64 `[m]`: the view of each.
        looks: Looks, from all views that have a piece at least.
        shape: How many groups and how many views there are.
    """
    k, count = shape
    nothing = pieces.scores.new_zeros(k)
    whole = from_pairs(groups[pieces.owners], pieces.points, nothing, pieces.total)
    uses = torch.zeros(k, count, dtype=torch.bool, device=groups.device)
    uses[groups, views] = True
    seen = torch.zeros_like(whole.points)
    visible = torch.zeros(k, count, dtype=torch.int64, device=groups.device)
    eye = Eye(whole)
    for one in looks:
        sight = eye(one)
        visible[:, one.view] = torch.bincount(sight.owners, minlength=k)
        seen[sight.entries] += uses[:, one.view].index_select(0, sight.owners).long()
    hits = _hits(whole, pieces, groups, views, count)
    return Agreement(whole, hits.float() / torch.maximum(seen, hits).float(), visible)


def _hits(
    whole: Instances3D, pieces: Instances3D, groups: Tensor, views: Tensor, count: int
) -> Tensor:
    """For each point of each group, how many of its views have it; int64, as `whole.points`."""
    keys = whole.owners * whole.total + whole.points
    owned = groups[pieces.owners] * pieces.total + pieces.points
    # Two pieces of one view are one vote.
    votes = torch.unique(owned * count + views[pieces.owners]) // max(count, 1)
    return torch.bincount(torch.searchsorted(keys, votes), minlength=len(keys))


def strongest(groups: Tensor, classes: Tensor, scores: Tensor) -> list[int]:
    """For each group the best piece of the class that has the highest sum of scores in it.

    Args:
        groups: int64 `[m]`, from 0.
        classes: int64 `[m]`.
        scores: float32 `[m]`.

    Returns:
        A row of the pieces a group.
    """
    sums: dict[tuple[int, int], float] = {}
    best: dict[tuple[int, int], int] = {}
    columns = (groups.tolist(), classes.tolist(), scores.tolist())
    for row, (group_, class_, score) in enumerate(zip(*columns, strict=True)):
        key = (group_, class_)
        sums[key] = sums.get(key, 0.0) + score
        if key not in best or score > columns[2][best[key]]:
            best[key] = row
    winner: dict[int, tuple[int, int]] = {}
    for key, total in sums.items():
        if key[0] not in winner or total > sums[winner[key[0]]]:
            winner[key[0]] = key
    return [best[winner[group_]] for group_ in sorted(winner)]
