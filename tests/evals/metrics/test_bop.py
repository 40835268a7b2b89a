"""What `ignore` is worth in BOP's AP, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from openseg_evals import rle
from openseg_evals.metrics.bop import BopTally


def box(left):
    mask = np.zeros((40, 80), bool)
    mask[:20, left : left + 20] = True
    return rle.encode(mask)


def truth(number, left, **flags):
    return {
        "id": number,
        "image_id": 0,
        "category_id": 1,
        "area": 400,
        "segmentation": box(left),
        **flags,
    }


def ap(truths, lefts):
    coco = {
        "images": [{"id": 0, "height": 40, "width": 80}],
        "annotations": truths,
        "categories": [{"id": 1, "name": "1"}],
    }
    results = [
        {"image_id": 0, "category_id": 1, "segmentation": box(left), "score": 1 - place / 10}
        for place, left in enumerate(lefts)
    ]
    return BopTally(coco, results, ["4/7"], None)


def test_what_is_ignored_need_not_be_found_and_may_be():
    visible, hidden = truth(1, 0), truth(2, 20, ignore=True)
    assert ap([visible, hidden], [0]).scores()["AP"] == pytest.approx(1)
    assert ap([visible, hidden], [20, 0]).scores()["AP"] == pytest.approx(1)
    assert ap([visible, hidden], [40, 0]).scores()["AP"] == pytest.approx(0.5)


def test_a_crowd_is_truth_like_any_other():
    assert ap([truth(1, 0), truth(2, 20, iscrowd=1)], [0]).scores()["AP"] == pytest.approx(
        51 / 101  # half of the truth is found: recall 0 to 0.5
    )


def test_without_truth_that_counts_there_is_no_ap():
    assert ap([truth(1, 0, ignore=True)], [0]).scores()["AP"] == -1
    assert ap([truth(1, 0)], []).scores()["AP"] == 0


def test_times_are_averaged_over_the_images_that_have_one():
    coco = {
        "images": [{"id": one, "height": 40, "width": 80} for one in range(3)],
        "annotations": [truth(1, 0)],
        "categories": [{"id": 1, "name": "1"}],
    }
    tally = BopTally(coco, [], ["4/7", "4/8", "4/9"], {"4/7": 1.0, "4/9": 2.0, "5/0": 6.0})
    assert tally.scores()["average_time_per_image"] == 3
    assert tally.scores(np.array([0, 1, 2, 2]))["average_time_per_image"] == pytest.approx(5 / 3)
    assert tally.scores(np.array([1]))["average_time_per_image"] == -1
