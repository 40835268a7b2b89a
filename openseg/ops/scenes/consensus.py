"""What the views that found an object say of its points: whose masks have them, who sees them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from scipy.sparse import csr_array
from torch import Tensor

from openseg.ops.scenes.looking import Seen
from openseg.ops.scenes.point_sets import blocks, entries_of
from openseg.types import Instances3D


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
