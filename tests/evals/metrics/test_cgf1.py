"""cgF1 by hand: thresholds, annotators, what a pair says, selections of pairs."""

from __future__ import annotations

import numpy as np
import pytest

from openseg_evals.metrics.cgf1 import (
    PairCounts,
    best_annotators,
    cgf1,
    count_hits,
    local_f1,
    pair_scores,
)


def counts(*pairs):
    """Of `(hits at every threshold, truths, predictions)`, or of a list for the annotators."""
    table = np.array(pairs, dtype=np.int64)
    hits = np.repeat(table[..., :1], 10, axis=-1)
    return PairCounts(hits, table[..., 1], table[..., 2])


def test_an_iou_on_the_threshold_is_a_hit():
    assert count_hits(np.array([[0.5, 0.0], [0.0, 0.75]])).tolist() == [2] + [1] * 5 + [0] * 4


def test_pairs_are_matched_for_the_largest_sum_not_greedily():
    # Greedily 0.9 and 0; the largest sum is 0.8 + 0.8.
    assert count_hits(np.array([[0.9, 0.8], [0.8, 0.0]]))[0] == 2


def test_the_gate_multiplies_f1_by_the_correlation_of_presence():
    # Found 2 of 2; missed 1; nothing there and nothing said; nothing there and 3 predicted.
    scores = cgf1(counts((2, 2, 2), (0, 1, 0), (0, 0, 0), (0, 0, 3)))
    assert scores["IL_MCC"] == pytest.approx(0, abs=1e-6)
    assert scores["positive_micro_precision"] == pytest.approx(1, abs=1e-4)
    assert scores["precision"] == pytest.approx(2 / 5, abs=1e-4)
    assert scores["pmF1"] == pytest.approx(2 * (2 / 3) / (1 + 2 / 3), abs=1e-4)
    scores = cgf1(counts((2, 2, 2), (2, 2, 2), (0, 1, 0), (0, 0, 0)))
    mcc = 2 / np.sqrt(2 * 3 * 1 * 2)
    assert scores["IL_MCC"] == pytest.approx(mcc, abs=1e-6)
    assert scores["cgF1"] == pytest.approx(scores["pmF1"] * mcc, abs=1e-4)


def test_the_annotator_who_agrees_best_counts_the_first_among_equals():
    best = best_annotators(
        counts([(1, 3, 1), (1, 2, 1), (1, 2, 1)], [(1, 1, 2), (1, 1, 2), (2, 2, 2)])
    )
    assert best.truths.tolist() == [2, 2]
    assert best.hits[:, 0].tolist() == [1, 2]


def test_an_annotator_who_saw_nothing_either_wins_over_everybody():
    best = best_annotators(counts([(0, 3, 0), (0, 0, 0), (0, 5, 0)]))
    assert (best.truths.tolist(), best.predictions.tolist()) == ([0], [0])
    # With a prediction, the first stands: nobody agrees at all.
    best = best_annotators(counts([(0, 0, 2), (0, 3, 2)]))
    assert best.truths.tolist() == [0]


def test_a_pair_scores_one_for_a_true_nothing_and_zero_for_a_false_one():
    some = counts((0, 0, 0), (0, 0, 4), (0, 2, 0), (1, 1, 1))
    assert pair_scores(some) == pytest.approx([1, 0, 0, 1], abs=2e-4)
    assert local_f1(some)[0].tolist() == [0] * 10


def test_without_an_answered_pair_the_macro_mean_is_minus_one():
    assert cgf1(counts((0, 2, 0), (0, 0, 0)))["positive_macro_F1"] == -1
