"""Scores folders of masks by human correction effort, the DIS5K metric."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals.formats.labels import need_same_size, paired_pngs, read_labels, unit_names
from openseg_evals.metrics.human_correction_effort import correction_effort, hce
from openseg_evals.tally import UnitTally

_MIDDLE = 128


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts the clicks of a folder of masks; a unit is an image, its score its clicks.

    Args:
        gt: Folder of PNG masks of one channel, above 128 = object.
        pred: Folder of PNG masks of the same names and sizes.
        options: `missing`.

    Returns:
        The counts; scores are `HCE`, the mean, and `images`. Lower is better.

    Raises:
        InputError: If a file is missing or broken, or the folders differ.
        MissingExtraError: If OpenCV or scikit-image is not installed.
    """
    pairs = paired_pngs(gt, pred, options["missing"])
    efforts = np.zeros(len(pairs), dtype=np.int64)
    for row, (truth_file, file) in enumerate(pairs):
        truth = _read_mask(truth_file)
        guess = _read_mask(file) if file else np.zeros_like(truth)
        if file:
            need_same_size(guess, truth, file)
        efforts[row] = correction_effort(truth, guess)

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {**hce(efforts[rows]), "images": len(rows)}

    return UnitTally(unit_names(pairs, gt), "HCE", score, lambda: efforts.astype(np.float64))


def _read_mask(path: Path) -> NDArray[np.bool_]:
    """Pixels above 128; files in which nothing can be meant by that are refused."""
    values = read_labels(path)
    top = int(values.max())
    if top == 1 or top > np.iinfo(np.uint8).max:
        what = f"its highest value is {top}, object pixels are those above {_MIDDLE}"
        raise InputError(what, where=str(path), fix="write 8 bits, 0 and 255")
    mask: NDArray[np.bool_] = values > _MIDDLE
    return mask
