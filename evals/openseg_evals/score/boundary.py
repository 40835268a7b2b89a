"""Scores folders of binary masks by IoU and boundary IoU."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg_evals.formats.labels import need_same_size, paired_pngs, read_labels, unit_names
from openseg_evals.metrics.boundary import boundary, boundary_counts, ious
from openseg_evals.tally import UnitTally


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts a folder of masks; a unit is an image, its score the boundary IoU.

    Args:
        gt: Folder of PNG masks, not 0 = object.
        pred: Folder of PNG masks of the same names and sizes.
        options: `missing`.

    Returns:
        The counts; scores are the means, and `images`.

    Raises:
        InputError: If a file is missing or broken, or the folders differ.
    """
    pairs = paired_pngs(gt, pred, options["missing"])
    overlaps, bands = np.zeros((2, len(pairs), 2), dtype=np.int64)
    for row, (truth_file, file) in enumerate(pairs):
        target = read_labels(truth_file) != 0
        mask = _read_mask(file, target) if file else np.zeros_like(target)
        overlaps[row] = (mask & target).sum(), (mask | target).sum()
        bands[row] = boundary_counts(mask, target)

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {**boundary(overlaps[rows], bands[rows]), "images": len(rows)}

    return UnitTally(unit_names(pairs, gt), "boundary IoU", score, lambda: ious(bands))


def _read_mask(file: Path, target: NDArray[np.bool_]) -> NDArray[np.bool_]:
    labels = read_labels(file)
    need_same_size(labels, target, file)
    mask: NDArray[np.bool_] = labels != 0
    return mask
