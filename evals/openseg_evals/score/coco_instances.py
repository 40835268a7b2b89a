"""Scores results in COCO's format: COCO AP, boundary AP, LVIS AP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from openseg.types.errors import InputError
from openseg_evals.formats.coco import read_results, read_truth
from openseg_evals.metrics.coco_instances import tally_instances
from openseg_evals.metrics.lvis import LvisTally
from openseg_evals.tally import Tally

_LVIS_KEYS = {
    "images": ("neg_category_ids", "not_exhaustive_category_ids"),
    "categories": ("frequency",),
}


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> Tally:
    """Matches masks for COCO AP and AR; a unit is an image, its score its own AP.

    Args:
        gt: COCO instances JSON.
        pred: COCO results JSON.
        options: `by_class`.

    Returns:
        The counts, images in order of id; scores are the official names.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    truth = read_truth(gt)
    return tally_instances(truth, read_results(pred, truth), by_class=options["by_class"] == "true")


def tally_boundary(gt: Path, pred: Path, options: Mapping[str, str]) -> Tally:
    """Matches masks for boundary AP and AR; otherwise as `tally`."""
    truth = read_truth(gt)
    results = read_results(pred, truth)
    return tally_instances(truth, results, by_class=options["by_class"] == "true", boundary=True)


def tally_lvis(gt: Path, pred: Path, _options: Mapping[str, str]) -> Tally:
    """Matches masks for LVIS AP, the truth being an LVIS v1 JSON; otherwise as `tally`."""
    truth = read_truth(gt)
    for table, keys in _LVIS_KEYS.items():
        lost = {key for key in keys for row in truth[table] if key not in row}
        if lost:
            what = f"{table} without {', '.join(sorted(lost))}"
            fix = "give an LVIS file; a COCO file is scored by coco_instances"
            raise InputError(what, where=str(gt), fix=fix)
    return LvisTally(truth, read_results(pred, truth))
