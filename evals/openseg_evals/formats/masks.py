"""Masks in annotation and result files: polygons or run lengths, checked against their image."""

from __future__ import annotations

from typing import Any

import numpy as np

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.formats.files import need_list

_RLE_FIX = 'give {"size": [height, width], "counts": ...} as pycocotools.mask.encode does'


def read_rle(segmentation: Any, size: tuple[int, int], where: str) -> rle.RLE:
    """Checks one run-length encoded mask.

    Args:
        segmentation: `size` and `counts`, compressed (text) or plain (a list).
        size: Height and width of the image the mask belongs to.
        where: Its place, for errors.

    Returns:
        The mask, compressed.

    Raises:
        InputError: If it is not an encoding, of another size, or does not fill its image.
    """
    if not isinstance(segmentation, dict) or not {"size", "counts"} <= segmentation.keys():
        raise InputError("is not a run-length encoded mask", where=where, fix=_RLE_FIX)
    shape, counts = segmentation["size"], segmentation["counts"]
    if list(shape) != list(size):
        what = f"mask is {_times(shape)} (height x width), its image is {_times(size)}"
        fix = "resize the prediction to the image before encoding it"
        raise InputError(what, where=where, fix=fix)
    lengths, compressed = _lengths(counts, where)
    if lengths.size and (int(lengths.min()) < 0 or int(lengths.sum()) != size[0] * size[1]):
        what = f"run lengths sum to {int(lengths.sum())}, the image has {size[0] * size[1]} pixels"
        raise InputError(what, where=where, fix="the encoding is truncated or damaged")
    if not lengths.size:
        raise InputError("mask has no run lengths", where=where, fix=_RLE_FIX)
    if compressed is None:
        return rle.from_runs(lengths.tolist(), *size)
    return {"size": list(size), "counts": compressed}


def read_parts(segmentation: Any, size: tuple[int, int], where: str) -> list[rle.RLE]:
    """The masks of an annotation: one a polygon, or one run-length encoded mask a part.

    Args:
        segmentation: Polygons, a run-length encoded mask, or a list of them (RefCLEF).
        size: Height and width of the image.
        where: Its place, for errors.

    Returns:
        The parts; none for an empty list. Polygons of fewer than three points hold no pixel.

    Raises:
        InputError: If it is neither.
    """
    if isinstance(segmentation, dict):
        return [read_rle(segmentation, size, where)]
    parts = need_list(segmentation, "segmentation", where)
    if parts and isinstance(parts[0], dict):
        return [read_rle(part, size, where) for part in parts]
    polygons = [one for one in parts if isinstance(one, list) and len(one) >= 6]
    if any(not isinstance(one, list) or len(one) % 2 for one in parts):
        fix = "a polygon is a list x0, y0, x1, y1, ... of even length"
        raise InputError("holds a broken polygon", where=where, fix=fix)
    if not polygons:
        return []
    try:
        numbers = [np.asarray(one, dtype=np.float64) for one in polygons]
    except (TypeError, ValueError):
        raise InputError("holds a broken polygon", where=where, fix="use numbers") from None
    if not all(np.isfinite(one).all() for one in numbers):
        raise InputError("holds a broken polygon", where=where, fix="use finite numbers")
    return rle.from_polygons(polygons, *size)


def read_union(segmentation: Any, size: tuple[int, int], where: str) -> rle.RLE:
    """The mask of an annotation: the union of its parts, empty without any."""
    parts = read_parts(segmentation, size, where)
    return rle.union(parts) if parts else rle.empty(*size)


def _lengths(counts: Any, where: str) -> tuple[np.ndarray[Any, np.dtype[np.int64]], bytes | None]:
    """The run lengths and, where they came compressed, the compressed form."""
    if isinstance(counts, str):
        try:
            counts = counts.encode("ascii")
        except UnicodeEncodeError:
            raise InputError("counts are not ASCII", where=where, fix=_RLE_FIX) from None
    if isinstance(counts, bytes):
        return rle.runs(counts), counts
    if isinstance(counts, list) and all(type(one) is int for one in counts):
        return np.array(counts, dtype=np.int64), None
    raise InputError("counts are neither text nor whole numbers", where=where, fix=_RLE_FIX)


def _times(size: Any) -> str:
    return " x ".join(str(side) for side in size)
