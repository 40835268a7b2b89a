"""GranD-f's pairing by hand: greedy, broken off at the first pair that fails."""

from __future__ import annotations

import numpy as np
import pytest

from openseg_evals.metrics.grounded_conversation import (
    GroundedTally,
    Grounding,
    count_found,
    mean_pair_iou,
)

SAME = np.ones((3, 3))


def test_pairs_are_chosen_greedily_and_only_found_pairs_are_averaged():
    ious = np.array([[0.9, 0.8, 0.0], [0.8, 0.0, 0.0]])
    assert mean_pair_iou(ious) == pytest.approx(0.9)  # 0.8 + 0.8 would be more
    assert mean_pair_iou(np.array([[0.9, 0.0], [0.0, 0.1]])) == pytest.approx(0.5)
    assert mean_pair_iou(np.zeros((2, 2))) == mean_pair_iou(np.zeros((0, 2))) == 0
    assert mean_pair_iou(np.array([[np.nan, 0.0], [0.0, 0.9]])) == 0


def test_the_first_pair_that_fails_ends_the_search():
    ious = np.diag([0.9, 0.7, 0.6])
    assert count_found(ious, SAME) == 3
    assert count_found(ious, np.diag([0.5, 0.5, 0.5])) == 3
    assert count_found(ious, np.diag([1, 0.4, 1])) == 1
    assert count_found(np.diag([0.9, 0.4, 0.6]), SAME) == 2
    assert count_found(np.diag([0.5, 0.0, 0.0]), SAME) == 1


def test_a_mask_without_phrase_spoils_the_image_once_it_is_reached():
    assert count_found(np.diag([0.9, 0.7, 0.6]), np.ones((2, 3))) == 0
    assert count_found(np.diag([0.9, 0.7, 0.4]), np.ones((2, 2))) == 2
    assert count_found(np.zeros((0, 2)), np.ones((0, 2))) == 0


def test_selections_average_over_captioned_images():
    truth = {
        "images": [{"id": one, "height": 4, "width": 4} for one in range(3)],
        "annotations": [],
        "categories": [{"id": 1}],
    }
    counts = Grounding(np.array([0.5, np.nan, 0.0]), np.array([1, 0, 1]), np.array([1, 0, 3]))
    tally = GroundedTally(truth, [], ["a", "b", "c"], counts)
    assert tally.scores() == {"AP": -1, "AP50": -1, "mIoU": 0.25, "Recall": 0.5}
    assert tally.scores(np.array([0, 0, 1, 2]))["mIoU"] == pytest.approx(1 / 3)
    assert tally.scores(np.array([0, 0, 1, 2]))["Recall"] == pytest.approx(3 / 5)
    assert tally.scores(np.array([1])) == {"AP": -1, "AP50": -1, "mIoU": 0, "Recall": 0}
