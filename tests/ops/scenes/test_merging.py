"""Pieces of objects are joined where cameras that see the same points agree, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from openseg.ops.scenes import merging, point_sets
from openseg.ops.scenes.looking import Look, Seen
from openseg.types import Instances3D


def slow_agglomerate(inter, union, threshold):
    """Joins the best pair of all, again and again."""
    groups = [[i] for i in range(len(inter))]
    while True:
        best, pair = threshold, None
        for a in range(len(groups)):
            for b in range(a):
                cells = np.ix_(groups[a], groups[b])
                alike = inter[cells].sum() / max(union[cells].sum(), 1e-9)
                if alike >= best:
                    best, pair = alike, (a, b)
        if pair is None:
            return {frozenset(group) for group in groups}
        groups[pair[1]] += groups.pop(pair[0])


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(0, 10_000), st.sampled_from([0.2, 0.4, 0.7]))
def test_groups_are_those_of_the_slow_way(n, seed, threshold):
    random = np.random.default_rng(seed)
    union = random.uniform(1, 9, (n, n))
    inter = union * random.random((n, n))
    inter, union = inter + inter.T, union + union.T
    found = merging.agglomerate(inter, union, threshold)
    groups = {frozenset(np.flatnonzero(found == one).tolist()) for one in np.unique(found)}
    assert groups == slow_agglomerate(inter, union, threshold)


def pieces(sets, total=40):
    masks = torch.zeros(len(sets), total, dtype=torch.bool)
    for mask, points in zip(masks, sets, strict=True):
        mask[list(points)] = True
    return Instances3D.from_masks(masks, torch.ones(len(sets)))


VIEWS = [range(20), range(10, 30), range(40)]
"""The points that each of three views sees."""


def looks():
    for view, points in enumerate(VIEWS):
        index = torch.tensor(list(points))
        yield Look(view, (1, 40), index, index)


def counted(some):
    seen = torch.zeros(3, some.total)
    for view, points in enumerate(VIEWS):
        seen[view, list(points)] = 1
    return (some.masks().float() @ seen.T).long()


def test_pieces_are_compared_where_both_cameras_look():
    # The first two views share points 10 to 19 only; there their pieces are the same.
    found = pieces([range(5, 15), range(10, 15), range(25, 30), range(5, 15)])
    views, classes = torch.tensor([0, 1, 1, 2]), torch.tensor([0, 0, 0, 0])
    groups = merging.group(found, counted(found), views, classes, 0.5)
    assert groups.tolist() == [0, 0, 1, 0]


def test_pieces_of_different_classes_stay_apart():
    found = pieces([range(10, 15), range(10, 15)])
    groups = merging.group(found, counted(found), torch.tensor([0, 1]), torch.tensor([0, 1]), 0.5)
    assert groups.tolist() == [0, 1]


def test_points_stay_that_most_views_which_see_them_agree_on():
    # Point 9 is seen by views 0 and 2 and claimed by one of them; 19 by all, claimed by one.
    found = pieces([[9, 10, 11, 19], [10, 11], [10, 11]])
    views, groups = torch.tensor([0, 1, 2]), torch.tensor([0, 0, 0])
    agreed = merging.agreement(found, groups, views, Seen(looks(), 40, 3), 1)
    assert agreed.whole.of(0).tolist() == [9, 10, 11, 19]
    assert agreed.shares.tolist() == pytest.approx([1 / 2, 1, 1, 1 / 3])
    assert agreed.points(agreed.shares >= 0.5).of(0).tolist() == [9, 10, 11]
    assert agreed.visible.tolist() == [[4, 3, 4]]


def test_two_pieces_of_one_view_are_one_vote():
    found = pieces([[10, 11], [10], [11]])
    views, groups = torch.tensor([0, 0, 1]), torch.tensor([0, 0, 0])
    agreed = merging.agreement(found, groups, views, Seen(looks(), 40, 3), 1)
    assert agreed.shares.tolist() == [0.5, 1.0]


def test_a_group_is_what_its_pieces_say_most_surely():
    groups, classes = torch.tensor([0, 0, 0, 1]), torch.tensor([2, 1, 2, 0])
    scores = torch.tensor([0.3, 0.5, 0.4, 0.1])
    assert merging.strongest(groups, classes, scores) == [2, 3]


def test_a_sample_of_points_gives_the_same_groups(monkeypatch):
    random = torch.Generator().manual_seed(0)
    total = 4000
    seen = torch.ones(3, total, dtype=torch.bool)
    masks = torch.zeros(9, total, dtype=torch.bool)
    for row in range(9):  # three objects, a piece in each view
        start = 1200 * (row // 3)
        masks[row, start : start + 1000] = torch.rand(1000, generator=random) < 0.9
    many = Instances3D.from_masks(masks, torch.ones(9))
    visible = (masks.float() @ seen.float().T).long()
    views, classes = torch.arange(9) % 3, torch.zeros(9, dtype=torch.int64)
    monkeypatch.setattr(merging, "PAIRS", 2000)
    groups = merging.group(many, visible, views, classes, 0.5)
    assert groups.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_classes_of_many_pieces_are_joined_block_by_block(monkeypatch):
    # Thirty pieces of three objects that do not touch, in an order that mixes them.
    sets = [range(10 * (row % 3), 10 * (row % 3) + 9) for row in range(30)]
    views, classes = torch.tensor([0, 1, 2] * 10), torch.zeros(30, dtype=torch.int64)
    found = pieces(sets)
    visible = found.sizes[:, None].repeat(1, 3)
    whole = merging.group(found, visible, views, classes, 0.5).tolist()
    monkeypatch.setattr(merging, "AT_ONCE", 7)
    assert merging.group(found, visible, views, classes, 0.5).tolist() == whole == [0, 1, 2] * 10


def test_blocks_change_nothing_of_what_groups_say(monkeypatch):
    random = torch.Generator().manual_seed(1)
    found = Instances3D.from_masks(torch.rand(12, 40, generator=random) < 0.3, torch.ones(12))
    groups = torch.randint(0, 4, (12,), generator=random)
    groups[:4] = torch.arange(4)
    views = torch.randint(0, 3, (12,), generator=random)
    seen = Seen(looks(), 40, 3)
    monkeypatch.setattr(point_sets, "ENTRIES", 5)
    agreed = merging.agreement(found, groups, views, seen, 4)
    masks = found.masks()
    sees = torch.zeros(3, 40, dtype=torch.bool)
    for view, points in enumerate(VIEWS):
        sees[view, list(points)] = True
    for group in range(4):
        own = [row for row in range(12) if groups[row] == group]
        used = sorted({int(views[row]) for row in own})
        whole = masks[own].any(dim=0)
        assert agreed.whole.of(group).tolist() == whole.nonzero()[:, 0].tolist()
        said = torch.stack([masks[[row for row in own if views[row] == v]].any(0) for v in used])
        asked = torch.maximum(sees[used].sum(0), said.sum(0))
        start = int(agreed.whole.ends[group] - agreed.whole.sizes[group])
        shares = agreed.shares[start : int(agreed.whole.ends[group])]
        assert shares.tolist() == pytest.approx((said.sum(0) / asked)[whole].tolist())
    assert agreed.visible.tolist() == counted(agreed.whole).tolist()
