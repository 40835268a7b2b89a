"""Pieces that single views saw of objects, put together where the views agree.

Two pieces are compared on the points that both their cameras see: what one camera cannot see says
nothing about it. Groups are compared by the sums over their pairs (average linkage weighted by
evidence). Yan et al., "MaskClustering", CVPR 2024, arXiv:2401.07745, build on the same consensus.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array
from torch import Tensor

from openseg.ops.scenes.looking import Seen
from openseg.ops.scenes.point_sets import blocks, entries_of, incidence
from openseg.types import Instances3D

Floats = NDArray[np.float64]

PAIRS = 300_000_000
"""Pairs of pieces that share a point, over all points, that are counted; beyond it every so many
points are left out and the others stand for them."""

AT_ONCE = 2048
"""Pieces of a class that are compared each with each, in tables of 32 MB."""

WORTH = 0.9
"""Blocks are tried again while no more than this share of their groups is left."""

_SPREAD = 2_654_435_761
"""Knuth's multiplier: points that are kept lie all over the scene."""


def group(
    pieces: Instances3D, visible: Tensor, views: Tensor, classes: Tensor, min_agreement: float
) -> Tensor:
    """Which pieces are of one object.

    More than `AT_ONCE` pieces of a class are joined block by block in the order they come, then
    the groups with each other, until they fit into one block or hardly any are joined.

    Args:
        pieces: Points of each piece, all seen by its view.
        visible: int32 `[m, f]`: points of each piece that each view sees.
        views: int64 `[m]`: the view each piece is from.
        classes: int64 `[m]`; pieces of different classes are never of one object.
        min_agreement: Groups are joined as long as, of the points that cameras of both see and
            that are in either, at least this share is in both.

    Returns:
        int64 `[m]`: a group each, numbered from 0 in the order of their first pieces.
    """
    seen, at, kinds = (column.cpu().numpy() for column in (visible, views, classes))
    found = np.full(len(pieces), -1, dtype=np.int64)
    count = 0
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        own = np.arange(len(rows))
        some, step = _sampled(pieces, torch.from_numpy(rows).to(pieces.points.device))
        groups = _Groups(
            incidence(some, slice(0, len(some))),
            csr_array(seen[rows]).astype(np.int64),
            csr_array((np.ones_like(own), (own, at[rows])), (len(rows), seen.shape[1])),
        )
        place, before = own, len(rows)
        while True:
            joined = groups.joined(step, min_agreement)
            place, left = joined[place], int(joined.max()) + 1
            if before <= AT_ONCE or left > WORTH * before:
                break
            groups, before = groups.summed(joined), left
        found[rows] = place + count
        count += left
    _, first, place = np.unique(found, return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    return torch.from_numpy(rank[place].astype(np.int64)).to(pieces.points.device)


class _Groups(NamedTuple):
    """Groups of pieces: sums over the pieces of each, sparse and int64.

    `points` `[g, n]`: how many of them have each point; `seen` `[g, f]`: points of them that each
    view sees; `views` `[g, f]`: how many of them each view has.
    """

    points: Any
    seen: Any
    views: Any

    @property
    def size(self) -> int:
        """How many groups there are."""
        return int(self.points.shape[0])

    def joined(self, step: int, threshold: float) -> NDArray[np.int64]:
        """A group each, from 0, after those of each block were joined.

        A point stands for `step` points.
        """
        found, count = [np.zeros(0, dtype=np.int64)], 0
        for start in range(0, self.size, AT_ONCE):
            points, seen, views = (column[start : start + AT_ONCE] for column in self)
            inter = (points @ points.T).toarray() * float(step)
            cross = (seen @ views.T).toarray()
            groups = agglomerate(inter, cross + cross.T - inter, threshold)
            found.append(groups + count)
            count += int(groups.max(initial=-1)) + 1
        return np.concatenate(found)

    def summed(self, groups: NDArray[np.int64]) -> _Groups:
        """The same after a join."""
        ones = np.ones(len(groups), dtype=np.int64)
        shape = (int(groups.max(initial=-1)) + 1, len(groups))
        sums = csr_array((ones, (groups, np.arange(len(groups)))), shape)
        return _Groups(*(sums @ column for column in self))


def _sampled(pieces: Instances3D, rows: Tensor) -> tuple[Instances3D, int]:
    """Some pieces with one of every so many points, and how many that is.

    Points are left out beyond `PAIRS` pairs of pieces that share a point, over all points.
    """
    places, sizes = entries_of(pieces, rows), pieces.sizes[rows]
    points = pieces.points[places]
    often = torch.bincount(points).double()
    step = max(1, -(-int((often * often).sum()) // PAIRS))
    if step > 1:
        keep = (points * _SPREAD % (1 << 32)) % step == 0
        owners = (torch.cumsum(torch.ones_like(rows), 0) - 1).repeat_interleave(sizes)
        points, sizes = points[keep], torch.bincount(owners[keep], minlength=len(rows))
    return Instances3D(points, sizes.cumsum(0), pieces.scores[rows], pieces.total), step


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
        sizes = torch.bincount(whole.owners[keep], minlength=len(whole))
        return Instances3D(whole.points[keep], sizes.cumsum(0), whole.scores, whole.total)


def agreement(
    pieces: Instances3D, groups: Tensor, views: Tensor, seen: Seen, count: int
) -> Agreement:
    """Asks each group's views about its points.

    Args:
        pieces: The pieces.
        groups: int64 `[m]`: the group of each, from 0.
        views: int64 `[m]`: the view of each.
        seen: What the views see, those that have a piece at least.
        count: How many groups there are.
    """
    uses = torch.zeros(count, seen.views, dtype=torch.bool, device=groups.device)
    uses[groups, views] = True
    whole, hits = _whole(pieces, groups, views, seen.views, count)
    # Whoever has a point in a piece saw it, if only by the tolerance of another stage.
    asked = torch.maximum(seen.among(whole, uses), hits)
    return Agreement(whole, hits.float() / asked.float(), seen.counts(whole))


def _whole(
    pieces: Instances3D, groups: Tensor, views: Tensor, of: int, count: int
) -> tuple[Instances3D, Tensor]:
    """Groups with the points of all their pieces; for each, how many of `of` views have it."""
    order = groups.argsort(stable=True)
    points, hits = [pieces.points[:0]], [pieces.points[:0]]
    many = torch.zeros(count, dtype=torch.int64, device=groups.device)
    last = torch.bincount(groups, minlength=count).cumsum(0)
    for some in blocks(many.index_add(0, groups, pieces.sizes)):
        rows = order[int(last[some.start - 1]) if some.start else 0 : int(last[some.stop - 1])]
        said = _votes(pieces, rows, groups[rows] - some.start, views[rows], of)
        points.append(torch.from_numpy(said.indices.astype(np.int64)).to(groups.device))
        hits.append(torch.from_numpy(said.data).to(groups.device))
        many[some] = torch.from_numpy(np.diff(said.indptr).astype(np.int64)).to(groups.device)
    nothing = pieces.scores.new_zeros(count)
    return Instances3D(torch.cat(points), many.cumsum(0), nothing, pieces.total), torch.cat(hits)


def _votes(pieces: Instances3D, rows: Tensor, groups: Tensor, views: Tensor, of: int) -> Any:
    """How many of `of` views have each point in a piece of each group: sparse, points rising.

    Args:
        pieces: The pieces.
        rows: int64 `[r]`: which of them, group after group.
        groups: int64 `[r]`: the group of each, from 0.
        views: int64 `[r]`: the view of each.
        of: How many views there are.
    """
    sizes = pieces.sizes[rows]
    ends = np.concatenate([[0], sizes.cumsum(0).cpu().numpy()])
    points = pieces.points[entries_of(pieces, rows)].cpu().numpy()
    own, place = np.unique((groups * of + views).cpu().numpy(), return_inverse=True)
    ones = np.ones(max(len(points), len(rows)), dtype=np.int64)
    own_views = csr_array(
        (ones[: len(rows)], (place, np.arange(len(rows)))), (len(own), len(rows))
    ) @ csr_array((ones[: len(points)], points, ends), (len(rows), pieces.total))
    own_views.data[:] = 1  # two pieces of one view are one vote
    owner = csr_array(
        (ones[: len(own)], (own // of, np.arange(len(own)))), (int(groups.max()) + 1, len(own))
    )
    votes = owner @ own_views
    votes.sort_indices()
    return votes


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
