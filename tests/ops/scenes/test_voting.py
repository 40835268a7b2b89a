"""Labels are painted small over large; boxes that fit tightly say what an object is."""

from __future__ import annotations

import pytest
import torch

from openseg.ops.scenes import voting
from openseg.types import InstanceViews, Phrase, Phrases, ViewRegions

LARGE, SMALL = [0.0, 0, 8, 6], [2.0, 1, 4, 3]


def test_small_boxes_are_painted_over_large_ones():
    labels = voting.ViewLabels(torch.tensor([SMALL, LARGE]), torch.tensor([5, 2]))
    painted = voting.label_map(labels, (7, 9))
    assert painted[1:3, 2:4].tolist() == [[5, 5], [5, 5]]
    assert int((painted == 2).sum()) == 8 * 6 - 4
    assert int((painted == voting.UNLABELLED).sum()) == 7 * 9 - 8 * 6


def test_boxes_may_reach_out_of_the_picture():
    labels = voting.ViewLabels(
        torch.tensor([[-5.0, -5, 3, 2], [6, 6, 99, 99]]), torch.tensor([1, 2])
    )
    painted = voting.label_map(labels, (8, 8))
    assert int((painted == 1).sum()) == 6
    assert int((painted == 2).sum()) == 4


def views(visible, boxes):
    return InstanceViews(torch.tensor(visible), torch.tensor(boxes))


def test_best_views_show_something_and_most():
    some = views([[5, 0, 9, 5], [0, 0, 0, 0]], [[LARGE] * 4] * 2)
    assert voting.best_views(some, 2).tolist() == [[True, False, True, False], [False] * 4]
    assert voting.best_views(some, 9).tolist()[0] == [True, False, True, True]


def regions(rows):
    names = [Phrase(f"class {c}", c, (0, 1)) for _, _, _, c in rows]
    return ViewRegions(
        torch.tensor([view for view, *_ in rows]),
        torch.tensor([box for _, box, _, _ in rows]),
        torch.tensor([score for _, _, score, _ in rows]),
        Phrases(tuple(names)),
    )


def fits(some, found, power=2.0, top=9):
    def scores(view):
        rows = found.of_view(view)
        return found.scores[rows.start : rows.stop]

    return voting.box_fits(some, voting.by_view(found), scores, 3, top, power)


def test_a_tight_box_counts_more_than_a_large_one():
    some = views([[10, 10]], [[SMALL, SMALL]])
    found = regions([(0, SMALL, 0.5, 1), (0, LARGE, 0.9, 2), (1, SMALL, 0.7, 1)])
    # Class 1: (0.5 + 0.7) / 2. Class 2: the large box overlaps by 4 / 48, in one of two views.
    expected = [0.0, 0.6, 0.9 * (4 / 48) ** 2 / 2]
    assert fits(some, found)[0].tolist() == pytest.approx(expected)


def test_views_count_by_how_much_of_the_object_they_show():
    some = views([[10, 5]], [[SMALL, SMALL]])
    found = regions([(0, SMALL, 0.9, 0), (1, SMALL, 0.9, 1)])
    assert fits(some, found)[0].tolist() == pytest.approx([0.6, 0.3, 0.0])
    assert fits(some, found, top=1)[0].tolist() == pytest.approx([0.9, 0.0, 0.0])


def test_objects_that_nobody_sees_fit_nothing():
    some = views([[0, 0]], [[[0.0] * 4] * 2])
    assert fits(some, regions([(0, SMALL, 0.9, 0)]))[0].tolist() == [0, 0, 0]
