"""Masks in annotation and result files: polygons or run lengths, checked against their image."""

from __future__ import annotations

from typing import Any

import numpy as np

from openseg.io.decode import MAX_PIXELS
from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.formats.files import need_list, need_number

# Polygons are drawn step by step at five times the size, wherever they lie: a million steps take
# 40 MB. That of a real object has some thousands.
_LONGEST = 1e6
_MOST = MAX_PIXELS + 1
_RLE_FIX = 'give {"size": [height, width], "counts": ...} as pycocotools.mask.encode does'


def need_size(entry: Any, where: str) -> tuple[int, int]:
    """Height and width of an entry of an annotation file.

    Args:
        entry: Says `height` and `width`.
        where: Its place, for errors.

    Raises:
        InputError: If it says none, or no picture can be so small or so large.
    """
    height, width = need_number(entry, "height", where), need_number(entry, "width", where)
    if min(height, width) < 1 or height * width > MAX_PIXELS:
        fix = f"no side is below 1, and there are at most {MAX_PIXELS:,} pixels"
        raise InputError(f"the image is {_times((height, width))}", where=where, fix=fix)
    return height, width


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
    if not isinstance(shape, list) or shape != list(size):
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
    if not all(_length(one) <= _LONGEST for one in numbers):
        fix = "use finite numbers, in pixels of the image"
        raise InputError("holds a broken polygon", where=where, fix=fix)
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
    if isinstance(counts, list) and all(type(one) is int and abs(one) < _MOST for one in counts):
        return np.array(counts, dtype=np.int64), None
    raise InputError("counts are neither text nor whole numbers", where=where, fix=_RLE_FIX)


def _length(polygon: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Steps around a polygon, each of one pixel along or across; not finite if a number is not."""
    corners = polygon.reshape(-1, 2)
    with np.errstate(invalid="ignore", over="ignore"):
        return float(np.abs(corners - np.roll(corners, 1, axis=0)).max(axis=1).sum())


def _times(size: Any) -> str:
    sides = size if isinstance(size, list | tuple) else [size]
    return " x ".join(str(side) for side in sides)
