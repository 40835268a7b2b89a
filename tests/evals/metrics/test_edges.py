"""Values by hand where a definition could be read two ways."""

from __future__ import annotations

import numpy as np
import pytest

from openseg_evals.metrics.boundary import boundary
from openseg_evals.metrics.generalized_referring import generalized_referring
from openseg_evals.metrics.lvis import LvisTally
from openseg_evals.metrics.panoptic import PanopticCounts, Segments, panoptic
from openseg_evals.metrics.pointing_game import chance, distance_to, pointing_game
from openseg_evals.metrics.referring import reasoning, referring
from openseg_evals.metrics.semantic import confusion, semantic
from tests.parity.evals.cases import encoded

NONE = np.zeros(0, np.int64)


def test_empty_against_empty_is_worth_nothing_to_lavt_and_one_to_lisa():
    zero = np.array([0])
    assert referring(zero, zero)["mIoU"] == 0
    assert referring(zero, zero)["oIoU"] == 0
    assert reasoning(zero, zero)["gIoU"] == pytest.approx(1, abs=2e-5)


def test_a_threshold_is_reached_by_equality():
    scores = referring(np.array([1, 3]), np.array([2, 5]))
    assert (scores["P@0.5"], scores["P@0.6"], scores["P@0.7"]) == (100, 50, 0)


def test_nothing_to_score_is_none_not_a_number():
    assert set(referring(NONE, NONE).values()) == {None}
    assert set(reasoning(NONE, NONE).values()) == {None}
    assert generalized_referring(NONE, NONE, NONE > 0, NONE > 0)["gIoU"] is None
    assert boundary(np.zeros((0, 2), np.int64), np.zeros((0, 2), np.int64))["IoU"] is None
    assert pointing_game(NONE > 0, NONE, NONE / 1.0)["accuracy"] is None
    for convention in ("detectron2", "mmseg"):
        assert semantic(np.zeros((3, 4), np.int64), convention)["mIoU"] is None


def test_grefcoco_table():
    # true no-target, missed no-target (7 px predicted), false no-target (9 px), found (4 of 8 px)
    scores = generalized_referring(
        np.array([0, 0, 2, 4]),
        np.array([5, 7, 9, 8]),
        np.array([True, True, False, False]),
        np.array([True, False, True, False]),
    )
    assert scores["gIoU"] == pytest.approx(100 * (1 + 0 + 0 + 0.5) / 4)
    assert scores["cIoU"] == pytest.approx(100 * 4 / (7 + 9 + 8))
    assert (scores["N_acc"], scores["T_acc"]) == (0.5, 0.5)


def test_predicting_nothing_is_missed_truth_only():
    counts = confusion(np.array([0, -1, 7]), np.array([0, 0, 1]), 2)
    assert counts.tolist() == [[1, 0, 1], [0, 0, 1]]
    assert semantic(counts, "detectron2")["IoU"] == [50, 0]


def segments(labels, categories, crowd=()):
    ids, areas = np.unique(labels[labels > 0], return_counts=True)
    return Segments(
        labels, ids, np.array(categories), areas, np.array([one in crowd for one in ids], bool)
    )


def test_pq_half_overlap_is_no_match_and_groups_without_category_are_none():
    truth = np.array([[1, 1, 1, 0]])
    counts = PanopticCounts(np.array([4]))
    counts.add(segments(truth, [4]), segments(np.array([[0, 9, 9, 9]]), [4]))
    scores = panoptic(counts, {4: True})
    assert scores["All"]["pq"] == pytest.approx(2 / 3)  # the pixel on void leaves the union
    assert scores["Stuff"] == {"pq": None, "sq": None, "rq": None, "n": 0}
    counts = PanopticCounts(np.array([4]))
    counts.add(segments(np.array([[1, 1, 2, 2]]), [4, 4]), segments(np.array([[9, 9, 9, 9]]), [4]))
    assert (counts.tp[0], counts.fp[0], counts.fn[0]) == (0, 1, 2)


def test_a_prediction_half_on_a_crowd_is_wrong_and_one_pixel_more_is_not():
    for pixels, wrong in ((2, 1), (3, 0)):
        truth = np.array([[1] * pixels + [2] * (4 - pixels)])
        counts = PanopticCounts(np.array([4, 5]))
        counts.add(segments(truth, [4, 5], crowd=[1]), segments(np.full((1, 4), 9), [4]))
        assert counts.fp.tolist() == [wrong, 0]


def test_lvis_keeps_the_best_300_of_an_image():
    mask = np.zeros((4, 4), bool)
    mask[1:3, 1:3] = True
    image = {"id": 1, "height": 4, "width": 4}
    truth = {
        "images": [{**image, "neg_category_ids": [8], "not_exhaustive_category_ids": []}],
        "categories": [{"id": 7, "frequency": "r"}, {"id": 8, "frequency": "c"}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 7, "area": 4, "segmentation": encoded(mask)}
        ],
    }
    right = {"image_id": 1, "category_id": 7, "segmentation": encoded(mask), "score": 0.1}
    other = {**right, "category_id": 8, "score": 0.9}
    assert LvisTally(truth, [right, *[other] * 299]).scores()["AP"] == pytest.approx(1)
    assert LvisTally(truth, [right, *[other] * 300]).scores()["AP"] == 0


def test_pointing_distance_and_chance():
    mask = np.zeros((40, 40), bool)
    mask[20, 20] = True
    assert distance_to(mask, 23, 24) == 5
    assert distance_to(~mask & mask, 0, 0) == float("inf")
    assert chance(mask, 1.5) == 9 / 1600  # the pixel and its eight neighbours
