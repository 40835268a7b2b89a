"""Generalized referring segmentation (gRefCOCO): expressions with no, one or many targets.

Whether there is a target is declared by the method beside its mask, and scored beside it. Source:
ReLA `refer_evaluation.py`; Liu et al., "GRES", CVPR 2023.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

THRESHOLDS = (0.7, 0.8, 0.9)


def sample_ious(
    intersections: NDArray[np.int64],
    unions: NDArray[np.int64],
    no_target: NDArray[np.bool_],
    declared_no_target: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """IoU of each sample: 1 for a true "no target", 0 for a false or a missed one."""
    ious = np.zeros(len(unions), dtype=np.float64)
    both = ~no_target & ~declared_no_target & (unions > 0)
    np.divide(intersections, unions, out=ious, where=both)
    ious[no_target & declared_no_target] = 1.0
    return ious


def generalized_referring(
    intersections: NDArray[np.int64],
    unions: NDArray[np.int64],
    no_target: NDArray[np.bool_],
    declared_no_target: NDArray[np.bool_],
) -> dict[str, float | None]:
    """Scores a set of samples.

    Args:
        intersections: Pixels shared by predicted and true mask, `int64 [n]`.
        unions: Pixels in either mask, whatever was declared, `int64 [n]`.
        no_target: Whether the expression has no target, `bool [n]`.
        declared_no_target: Whether the method says so, `bool [n]`.

    Returns:
        `gIoU`, `cIoU` and `Pr@t` (over samples with a target; None without any) in percent,
        `T_acc` and `N_acc` as fractions, both 0 in a set where every expression has a target.
    """
    samples = len(unions)
    ious = sample_ious(intersections, unions, no_target, declared_no_target)
    shared = int(intersections[~no_target & ~declared_no_target].sum())
    total = int(unions[~(no_target & declared_no_target)].sum())
    targets = int((~no_target).sum())
    empty = samples - targets
    found = int((~no_target & ~declared_no_target).sum())
    refused = int((no_target & declared_no_target).sum())
    scores: dict[str, float | None] = {
        "gIoU": 100.0 * float(ious.mean()) if samples else None,
        "cIoU": 100.0 * shared / total if total else 0.0,
        "T_acc": (found / targets if targets else None) if empty else 0.0,
        "N_acc": refused / empty if empty else 0.0,
    }
    for threshold in THRESHOLDS:
        hits = int((ious[~no_target] >= threshold).sum())
        scores[f"Pr@{threshold}"] = 100.0 * hits / targets if targets else None
    return scores
