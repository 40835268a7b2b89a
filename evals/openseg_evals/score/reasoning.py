"""Scores ReasonSeg from its official files as LISA does.

Predictions have no official format; ours is JSON lines (or one list) of `{"image": name without
ending, "segmentation"}`, the mask as COCO run lengths at the size of the picture, or null.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.formats.files import need, read_entries, sample
from openseg_evals.formats.masks import read_rle
from openseg_evals.formats.reasonseg import IGNORED, TARGET, list_samples, read_sample
from openseg_evals.metrics.referring import reasoning, reasoning_ious
from openseg_evals.tally import UnitTally


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts a file of predictions; a unit is an image, its score LISA's IoU.

    Args:
        gt: Folder of a split.
        pred: The predictions.
        options: `missing`.

    Returns:
        The counts; scores are the official names, and `samples`.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    files = {one.stem: one for one in list_samples(gt)}
    counts: dict[str, tuple[int, int]] = {}
    for where, entry in read_entries(pred):
        name = str(need(entry, "image", where))
        if name not in files:
            fix = f"the truth has {len(files)}: {sample(files)}"
            raise InputError(f"image {name!r} is not in the truth", where=where, fix=fix)
        if name in counts:
            fix = "keep one prediction for each image"
            raise InputError(f"image {name!r} occurs a second time", where=where, fix=fix)
        truth = read_sample(files[name]).mask
        height, width = truth.shape
        segmentation = need(entry, "segmentation", where)
        mask = (
            rle.empty(height, width)
            if segmentation is None
            else read_rle(segmentation, (height, width), where)
        )
        counted = rle.difference(mask, rle.encode(truth == IGNORED))
        counts[name] = rle.overlap(counted, rle.encode(truth == TARGET))
    lost = files.keys() - counts.keys()
    if lost and options["missing"] == "error":
        what = f"{len(lost)} of {len(files)} images have no prediction: {sample(lost)}"
        fix = "write null for an empty mask, or choose --set missing=empty"
        raise InputError(what, where=str(pred), fix=fix)
    for name in lost:
        counts[name] = 0, int((read_sample(files[name]).mask == TARGET).sum())
    shared, either = np.array([counts[name] for name in files], dtype=np.int64).T

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {**reasoning(shared[rows], either[rows]), "samples": len(rows)}

    return UnitTally(list(files), "IoU", score, lambda: reasoning_ious(shared, either))
