"""Classification-gated F1 (cgF1) of SA-Co: is the phrase there, and is every instance found?

A unit is a pair of image and noun phrase. F1 of the instances, over pairs that show the phrase, is
multiplied by Matthews' correlation of saying that it is there. Source: SAM 3 `cgf1_eval.py`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

THRESHOLDS = np.linspace(0.5, 0.95, 10)
MIN_SCORE = 0.5

_F1_EPSILON = 1e-4
_IMAGE_EPSILON = 1e-6
_AVERAGED = (
    "cgF1",
    "precision",
    "recall",
    "F1",
    "positive_macro_F1",
    "positive_micro_F1",
    "positive_micro_precision",
)


class PairCounts(NamedTuple):
    """What is kept of pairs.

    Attributes:
        hits: Instances found at each of `THRESHOLDS`, `int64 [..., 10]`.
        truths: True instances, `int64 [...]`.
        predictions: Predicted instances, `int64 [...]`.
    """

    hits: NDArray[np.int64]
    truths: NDArray[np.int64]
    predictions: NDArray[np.int64]


def count_hits(ious: NDArray[np.float64]) -> NDArray[np.int64]:
    """Instances found at each of `THRESHOLDS`, reached by equality.

    Args:
        ious: IoU of each prediction with each truth, `float64 [predictions, truths]`; pairs are
            chosen to have the largest sum, whatever the threshold.

    Returns:
        Counts, `int64 [10]`.
    """
    matched = ious[linear_sum_assignment(-ious)]
    return np.asarray((matched[:, None] >= THRESHOLDS).sum(axis=0), dtype=np.int64)


def best_annotators(counts: PairCounts) -> PairCounts:
    """Keeps, for each pair, the annotator with whom the predictions agree best.

    The best mean F1 over `THRESHOLDS` wins, the first among equals; but whoever saw nothing where
    nothing was predicted wins over everybody.

    Args:
        counts: Of `n` pairs and `a` annotators: `[n, a, 10]`, `[n, a]`, `[n, a]`.

    Returns:
        The counts of the pairs: `[n, 10]`, `[n]`, `[n]`.
    """
    agreement = local_f1(counts).mean(axis=-1)
    agreement[(counts.truths == 0) & (counts.predictions == 0)] = np.inf
    rows, best = np.arange(len(agreement)), agreement.argmax(axis=1)
    return PairCounts(*(one[rows, best] for one in counts))


def local_f1(counts: PairCounts) -> NDArray[np.float64]:
    """F1 of each pair alone at each of `THRESHOLDS`, `float64 [..., 10]`; 0 without a hit."""
    precision = counts.hits / (counts.predictions[..., None] + _F1_EPSILON)
    recall = counts.hits / (counts.truths[..., None] + _F1_EPSILON)
    return _f1(precision, recall)


def pair_scores(counts: PairCounts) -> NDArray[np.float64]:
    """Mean F1 of each pair, `float64 [n]`; 1 where nothing is there and nothing was predicted."""
    scores: NDArray[np.float64] = local_f1(counts).mean(axis=-1)
    scores[(counts.truths == 0) & (counts.predictions == 0)] = 1.0
    return scores


def cgf1(counts: PairCounts) -> dict[str, float]:
    """Scores a set of pairs.

    Args:
        counts: Of the pairs: `[n, 10]`, `[n]`, `[n]`.

    Returns:
        The official names, as fractions (published tables say percent). Those of instances are
        means over the thresholds, with `@0.5` and `@0.75` single ones; `positive_...` are over
        pairs with truth; `pmF1`, the tables' name, is `positive_micro_F1`. `IL_...` are of pairs.
        `positive_macro_F1` is -1 where no pair has truth and predictions.
    """
    curves = _instance_curves(counts)
    pairs = _pair_level(counts)
    curves["cgF1"] = curves["positive_micro_F1"] * pairs["IL_MCC"]
    means = {name: float(curves[name].mean()) for name in _AVERAGED}
    scores = {"cgF1": means["cgF1"], "IL_MCC": pairs["IL_MCC"], "pmF1": means["positive_micro_F1"]}
    scores |= means | pairs
    for threshold in (0.5, 0.75):
        place = int(np.abs(THRESHOLDS - threshold).argmin())
        scores |= {f"{name}@{threshold}": float(curves[name][place]) for name in _AVERAGED}
    return scores


def _instance_curves(counts: PairCounts) -> dict[str, NDArray[np.float64]]:
    """Scores of instances at each of `THRESHOLDS`, `float64 [10]`."""
    hits, truths = counts.hits.sum(axis=0), counts.truths.sum()
    shown = counts.truths > 0
    answered = shown & (counts.predictions > 0)
    recall = hits / (truths + _F1_EPSILON)
    precision = hits / (counts.predictions.sum() + _F1_EPSILON)
    positive = hits / (counts.predictions[shown].sum() + _F1_EPSILON)
    local = local_f1(counts)[answered]
    return {
        "precision": precision,
        "recall": recall,
        "F1": _f1(precision, recall),
        "positive_macro_F1": local.mean(axis=0) if len(local) else np.full(len(THRESHOLDS), -1.0),
        "positive_micro_F1": _f1(positive, recall),
        "positive_micro_precision": positive,
    }


def _pair_level(counts: PairCounts) -> dict[str, float]:
    """Scores of saying whether the phrase is there."""
    shown, said = counts.truths > 0, counts.predictions > 0
    tp, fp = float((shown & said).sum()), float((~shown & said).sum())
    fn, tn = float((shown & ~said).sum()), float((~shown & ~said).sum())
    precision, recall = tp / (tp + fp + _IMAGE_EPSILON), tp / (tp + fn + _IMAGE_EPSILON)
    spread = ((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)) ** 0.5
    return {
        "IL_precision": precision,
        "IL_recall": recall,
        "IL_F1": 2 * precision * recall / (precision + recall + _IMAGE_EPSILON),
        "IL_FPR": fp / (fp + tn + _IMAGE_EPSILON),
        "IL_MCC": (tp * tn - fp * fn) / (spread + _IMAGE_EPSILON),
    }


def _f1(precision: NDArray[np.float64], recall: NDArray[np.float64]) -> NDArray[np.float64]:
    return 2 * precision * recall / (precision + recall + _F1_EPSILON)
