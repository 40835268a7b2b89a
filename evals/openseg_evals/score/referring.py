"""Scores RefCOCO, RefCOCO+ and RefCOCOg from their official files, at the size of the image.

Predictions have no official format; ours is JSON lines (or one list) of `{"ref_id", "sent_id",
"segmentation"}`, one for each sentence, the mask as COCO run lengths or null.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openseg_evals import rle
from openseg_evals.formats.masks import read_parts
from openseg_evals.formats.refer import ReferData, Referral, read_refer
from openseg_evals.metrics.referring import reasoning, referring
from openseg_evals.referring_samples import count_samples


def score(gt: Path, pred: Path, options: Mapping[str, str]) -> dict[str, Any]:
    """Scores a file of predictions.

    Args:
        gt: The refs file, or its folder.
        pred: The predictions.
        options: `truth`, `style`, `split`, `by`, `missing`.

    Returns:
        The official names, and `samples`.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    data = read_refer(gt, by=options["by"])
    samples = count_samples(
        data,
        data.split(options["split"]),
        pred,
        truth=lambda ref: truth_mask(data, ref, options["truth"]),
        declaration=lambda _entry, _mask, _where: False,
        missing=options["missing"],
    )
    metric = referring if options["style"] == "lavt" else reasoning
    scores: dict[str, Any] = dict(metric(samples.intersections, samples.unions))
    return {**scores, "samples": len(samples.unions)}


def truth_mask(data: ReferData, ref: Referral, convention: str) -> rle.RLE:
    """The mask of a referral's target.

    Args:
        data: The data set.
        ref: The referral.
        convention: `single`, pixels that lie in exactly one polygon, as the published tables have
            it; `union`, the whole object.
    """
    size = data.size(ref)
    (target,) = ref.ann_ids
    where = f"annotation {target}"
    parts = read_parts(data.annotations[target]["segmentation"], size, where)
    if not parts:
        return rle.empty(*size)
    return rle.covered_once(parts) if convention == "single" else rle.union(parts)
