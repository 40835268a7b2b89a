"""Scores RefCOCO, RefCOCO+ and RefCOCOg from their official files, at the size of the image.

Predictions have no official format; ours is JSON lines (or one list) of `{"ref_id", "sent_id",
"segmentation"}`, one for each sentence, the mask as COCO run lengths or null.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg_evals.formats.refer import read_refer
from openseg_evals.formats.refer_truth import object_mask
from openseg_evals.metrics.referring import reasoning, reasoning_ious, referring, sample_ious
from openseg_evals.referring_samples import count_samples
from openseg_evals.tally import UnitTally


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts a file of predictions; a unit is a sentence, its score the IoU.

    Args:
        gt: The refs file, or its folder.
        pred: The predictions.
        options: `truth`, `style`, `split`, `by`, `missing`.

    Returns:
        The counts; scores are the official names, and `samples`. In LISA's style the IoU of a
        sentence is LISA's, 1 where both masks are empty.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    data = read_refer(gt, by=options["by"])
    samples = count_samples(
        data,
        data.split(options["split"]),
        pred,
        truth=lambda ref: object_mask(data, ref, options["truth"]),
        declaration=lambda _entry, _mask, _where: False,
        missing=options["missing"],
    )
    lavt = options["style"] == "lavt"
    metric, ious = (referring, sample_ious) if lavt else (reasoning, reasoning_ious)

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        intersections, unions, _, _ = samples.counts(rows)
        return {**metric(intersections, unions), "samples": len(rows)}

    return UnitTally(
        samples.names, "IoU", score, lambda: ious(samples.intersections, samples.unions)
    )
