"""Scores RefCOCO, RefCOCO+ and RefCOCOg from their official files, at the size of the image.

Predictions have no official format; ours is JSON lines (or one list) of `{"ref_id", "sent_id",
"segmentation"}`, one for each sentence, the mask as COCO run lengths or null.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.formats.files import need
from openseg_evals.formats.masks import read_parts
from openseg_evals.formats.refer import INSTANCES, ReferData, Referral, read_refer
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
    if len(ref.ann_ids) != 1:
        what = f"ref_id {ref.ref_id} has {len(ref.ann_ids)} targets"
        fix = "RefCOCO names one; score gRefCOCO with generalized_referring"
        raise InputError(what, where=str(data.refs_file), fix=fix)
    where = f"{data.refs_file.parent / INSTANCES} annotation {ref.ann_ids[0]}"
    annotation = data.annotations[ref.ann_ids[0]]
    parts = read_parts(need(annotation, "segmentation", where), size, where)
    if not parts:
        return rle.empty(*size)
    return rle.covered_once(parts) if convention == "single" else rle.union(parts)
