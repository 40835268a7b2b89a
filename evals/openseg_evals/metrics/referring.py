"""Referring segmentation: overall IoU, mean IoU, precision at IoU (RefCOCO, RefCOCO+, RefCOCOg).

A sample is a pair of referred object and sentence; every sentence counts. Also the two scores
LISA and its followers print for the same task and for ReasonSeg, which differ in what an empty
truth is worth. Sources: LAVT-RIS `test.py`; LISA `train_ds.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)


def sample_ious(intersections: NDArray[np.int64], unions: NDArray[np.int64]) -> NDArray[np.float64]:
    """IoU of each sample; 0 where neither mask has a pixel."""
    ious = np.zeros(len(unions), dtype=np.float64)
    np.divide(intersections, unions, out=ious, where=unions > 0)
    return ious


def reasoning_ious(
    intersections: NDArray[np.int64], unions: NDArray[np.int64]
) -> NDArray[np.float64]:
    """IoU of each sample as LISA has it: with its small constant, 1 where no mask has a pixel."""
    ious: NDArray[np.float64] = intersections / (unions + 1e-5) + (unions == 0)
    return ious


def referring(
    intersections: NDArray[np.int64], unions: NDArray[np.int64]
) -> dict[str, float | None]:
    """Scores a set of samples as LAVT does.

    Args:
        intersections: Pixels shared by prediction and truth, `int64 [n]`.
        unions: Pixels in either, `int64 [n]`.

    Returns:
        In percent: `oIoU`, the ratio of the sums; `mIoU`, the mean of the ratios; `P@t`, the
        share of samples whose IoU is at least t. None for each without samples.
    """
    ious = sample_ious(intersections, unions)
    total = int(unions.sum())
    overall = 100.0 * int(intersections.sum()) / total if total else 0.0
    scores: dict[str, float | None] = {
        "oIoU": overall,
        "mIoU": 100.0 * float(ious.mean()) if len(ious) else None,
    }
    for threshold in THRESHOLDS:
        share = 100.0 * float((ious >= threshold).mean()) if len(ious) else None
        scores[f"P@{threshold}"] = share
    return scores if len(ious) else dict.fromkeys(scores)


def reasoning(
    intersections: NDArray[np.int64], unions: NDArray[np.int64]
) -> dict[str, float | None]:
    """Scores a set of samples as LISA does.

    Args:
        intersections: Pixels shared by prediction and truth, `int64 [n]`; ignored pixels are in
            neither count.
        unions: Pixels in either, `int64 [n]`.

    Returns:
        Fractions: `gIoU`, the mean IoU in which a sample without any pixel counts 1; `cIoU`, the
        ratio of the sums. The official small constants are kept, its single precision is not.
    """
    if not len(unions):
        return {"gIoU": None, "cIoU": None}
    ious = reasoning_ious(intersections, unions)
    return {
        "gIoU": float(ious.sum() / (len(ious) + 1e-5)),
        "cIoU": float(intersections.sum() / (unions.sum() + 1e-10)),
    }
