"""Scores gRefCOCO from its official files, at the size of the image.

Predictions are those of `referring` with a field `no_target` beside each mask: whether the method
declares that the expression has no target.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.formats.files import need
from openseg_evals.formats.refer import read_refer
from openseg_evals.formats.refer_truth import union_mask
from openseg_evals.metrics.generalized_referring import generalized_referring, sample_ious
from openseg_evals.referring_samples import count_samples
from openseg_evals.tally import UnitTally


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts a file of predictions; a unit is a sentence, its score what it adds to gIoU.

    Args:
        gt: The grefs file, or its folder.
        pred: The predictions.
        options: `no_target`, `split`, `by`, `missing`.

    Returns:
        The counts; scores are the official names, and `samples`.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    data = read_refer(gt, by=options["by"])
    samples = count_samples(
        data,
        data.split(options["split"]),
        pred,
        truth=lambda ref: union_mask(data, ref),
        declaration=_declared if options["no_target"] == "declared" else _empty,
        missing=options["missing"],
    )

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {**generalized_referring(*samples.counts(rows)), "samples": len(rows)}

    return UnitTally(samples.names, "IoU", score, lambda: sample_ious(*samples[1:]))


def _declared(entry: Mapping[str, Any], _mask: rle.RLE, where: str) -> bool:
    declared = need(entry, "no_target", where)
    if not isinstance(declared, bool):
        fix = "write true or false, or choose --set no_target=empty"
        raise InputError(f"no_target is {declared!r}", where=where, fix=fix)
    return declared


def _empty(_entry: Mapping[str, Any], mask: rle.RLE, _where: str) -> bool:
    return rle.area(mask) == 0
