"""Scores folders of binary masks by IoU and boundary IoU."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from openseg_evals.formats.labels import need_same_size, paired_pngs, read_labels
from openseg_evals.metrics.boundary import boundary, boundary_counts


def score(gt: Path, pred: Path, _options: Mapping[str, str]) -> dict[str, Any]:
    """Scores a folder of masks.

    Args:
        gt: Folder of PNG masks, not 0 = object.
        pred: Folder of PNG masks of the same names and sizes.

    Returns:
        The means, and `images`.

    Raises:
        InputError: If a file is missing or broken, or the folders differ.
    """
    pairs = paired_pngs(gt, pred)
    overlaps, bands = np.zeros((2, len(pairs), 2), dtype=np.int64)
    for row, (truth_file, file) in enumerate(pairs):
        truth, guess = read_labels(truth_file), read_labels(file)
        need_same_size(guess, truth, file)
        target, mask = truth != 0, guess != 0
        overlaps[row] = (mask & target).sum(), (mask | target).sum()
        bands[row] = boundary_counts(mask, target)
    return {**boundary(overlaps, bands), "images": len(pairs)}
