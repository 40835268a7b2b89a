"""Scores SA-Co from its official files by cgF1, IL_MCC and pmF1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from openseg_evals import rle
from openseg_evals.formats.saco import exhaustive_pairs, list_files, read_predictions, read_saco
from openseg_evals.metrics.cgf1 import (
    MIN_SCORE,
    THRESHOLDS,
    PairCounts,
    best_annotators,
    cgf1,
    count_hits,
    pair_scores,
)
from openseg_evals.tally import UnitTally


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Matches masks for cgF1; a unit is a pair of image and noun phrase.

    Its score is its own F1, averaged over the thresholds: 1 where nothing is there and nothing
    was predicted, 0 where something was.

    Args:
        gt: One annotator's JSON, or the folder of several annotators' files of one subset.
        pred: COCO results JSON, `image_id` being the id of the pair.
        options: `subset`.

    Returns:
        The counts; scores are the official names, and `pairs`.

    Raises:
        InputError: If a file is missing or broken, or they do not fit together.
    """
    files = [read_saco(one) for one in list_files(gt, options["subset"])]
    pairs = exhaustive_pairs(files)
    predictions = read_predictions(pred, files)
    found = [
        [one["segmentation"] for one in predictions.get(pair, []) if one["score"] >= MIN_SCORE]
        for pair in pairs
    ]
    truths = [[file.masks.get(pair, []) for file in files] for pair in pairs]
    shape = len(pairs), len(files)
    hits = np.zeros((*shape, len(THRESHOLDS)), dtype=np.int64)
    for row, (guesses, annotators) in enumerate(zip(found, truths, strict=True)):
        for column, masks in enumerate(annotators):
            if guesses and masks:
                hits[row, column] = count_hits(_ious(guesses, masks))
    counts = best_annotators(
        PairCounts(
            hits,
            truths=np.array([list(map(len, one)) for one in truths], dtype=np.int64),
            predictions=np.repeat([len(one) for one in found], len(files)).reshape(shape),
        )
    )

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {**cgf1(PairCounts(*(one[rows] for one in counts))), "pairs": len(rows)}

    names = [str(pair) for pair in pairs]
    return UnitTally(names, "F1 of the pair", score, lambda: pair_scores(counts))


def _ious(guesses: Sequence[rle.RLE], masks: Sequence[rle.RLE]) -> NDArray[np.float64]:
    ious: NDArray[np.float64] = coco_mask.iou(list(guesses), list(masks), [0] * len(masks))
    return ious
