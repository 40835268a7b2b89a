"""The true masks of referring expressions: one object of RefCOCO, any number of gRefCOCO."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.formats.files import need
from openseg_evals.formats.masks import read_parts, read_union
from openseg_evals.formats.refer import ReferData, Referral


def only_annotation(data: ReferData, ref: Referral) -> tuple[str, Mapping[str, Any]]:
    """The place and the annotation of the one object that a referral of RefCOCO means.

    Raises:
        InputError: If it means none or several.
    """
    if len(ref.ann_ids) != 1:
        what = f"ref_id {ref.ref_id} has {len(ref.ann_ids)} targets"
        fix = "RefCOCO names one; score gRefCOCO with generalized_referring"
        raise InputError(what, where=str(data.refs_file), fix=fix)
    return _place(data, ref.ann_ids[0]), data.annotations[ref.ann_ids[0]]


def object_mask(data: ReferData, ref: Referral, convention: str) -> rle.RLE:
    """The mask of the one object that a referral of RefCOCO means.

    Args:
        data: The data set.
        ref: The referral.
        convention: `single`, pixels that lie in exactly one polygon, as the published tables have
            it; `union`, the whole object.

    Raises:
        InputError: If it means none or several, or the annotation is broken.
    """
    where, annotation = only_annotation(data, ref)
    size = data.size(ref)
    parts = read_parts(need(annotation, "segmentation", where), size, where)
    if not parts:
        return rle.empty(*size)
    return rle.covered_once(parts) if convention == "single" else rle.union(parts)


def object_masks(data: ReferData, ref: Referral) -> list[rle.RLE]:
    """The masks of all objects that a referral of gRefCOCO means, crowd regions left out.

    Args:
        data: The data set.
        ref: The referral.

    Returns:
        One mask an object; none without target.

    Raises:
        InputError: If an annotation is broken.
    """
    size = data.size(ref)
    targets = [(_place(data, ann), data.annotations[ann]) for ann in ref.ann_ids]
    return [
        read_union(need(one, "segmentation", where), size, where)
        for where, one in targets
        if not one.get("iscrowd", 0)
    ]


def union_mask(data: ReferData, ref: Referral) -> rle.RLE:
    """The union of `object_masks`; empty without target."""
    masks = object_masks(data, ref)
    return rle.union(masks) if masks else rle.empty(*data.size(ref))


def _place(data: ReferData, ann_id: int) -> str:
    return f"{data.instances_file} annotation {ann_id}"
