"""Scores results in COCO's format: COCO AP, boundary AP, LVIS AP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError
from openseg_evals.formats.coco import read_results, read_truth
from openseg_evals.metrics.coco_instances import coco_instances
from openseg_evals.metrics.lvis import lvis

_LVIS_KEYS = {
    "images": ("neg_category_ids", "not_exhaustive_category_ids"),
    "categories": ("frequency",),
}


def score(gt: Path, pred: Path, options: Mapping[str, str]) -> dict[str, Any]:
    """COCO AP and AR of masks.

    Args:
        gt: COCO instances JSON.
        pred: COCO results JSON.
        options: `by_class`.

    Returns:
        The official names.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    truth = read_truth(gt)
    return coco_instances(truth, read_results(pred, truth), by_class=options["by_class"] == "true")


def score_boundary(gt: Path, pred: Path, options: Mapping[str, str]) -> dict[str, Any]:
    """Boundary AP and AR; arguments as for `score`."""
    truth = read_truth(gt)
    results = read_results(pred, truth)
    return coco_instances(truth, results, by_class=options["by_class"] == "true", boundary=True)


def score_lvis(gt: Path, pred: Path, _options: Mapping[str, str]) -> dict[str, Any]:
    """LVIS AP by size and frequency, the truth being an LVIS v1 JSON; otherwise as `score`."""
    truth = read_truth(gt)
    for table, keys in _LVIS_KEYS.items():
        lost = {key for key in keys for row in truth[table] if key not in row}
        if lost:
            what = f"{table} without {', '.join(sorted(lost))}"
            fix = "give an LVIS file; a COCO file is scored by coco_instances"
            raise InputError(what, where=str(gt), fix=fix)
    return dict(lvis(truth, read_results(pred, truth)))
