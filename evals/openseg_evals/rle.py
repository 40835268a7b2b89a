"""Set algebra on run-length encoded masks, so that scoring never needs a set of full masks.

Areas and intersections are integers: sums over a data set stay exact. Encoding, union and
intersection are those of `pycocotools`; the decoder of the run lengths is ours and finds encodings
that do not fill their image, which `pycocotools` reads without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

_FIRST_CHARACTER = 48
_BITS = 5
_MORE = 0x20
_SIGN = 0x10
_DIGIT = 0x1F


class RLE(TypedDict):
    """One mask: run lengths column by column, from a run of zeros, as compressed ASCII."""

    size: list[int]
    counts: bytes


def encode(mask: NDArray[np.bool_]) -> RLE:
    """Encodes a mask, bool `[h, w]`."""
    return _as_rle(coco_mask.encode(np.asfortranarray(mask.astype(np.uint8, copy=False))))


def decode(rle: RLE) -> NDArray[np.bool_]:
    """The mask as bool `[h, w]`."""
    mask: NDArray[np.uint8] = coco_mask.decode(rle)
    return mask.astype(np.bool_)


def empty(height: int, width: int) -> RLE:
    """A mask without a pixel."""
    return from_runs([height * width], height, width)


def from_runs(runs: Sequence[int], height: int, width: int) -> RLE:
    """Compresses plain run lengths."""
    encoding = {"size": [height, width], "counts": [int(run) for run in runs]}
    return _as_rle(coco_mask.frPyObjects(encoding, height, width))


def from_polygons(polygons: Sequence[Sequence[float]], height: int, width: int) -> list[RLE]:
    """One mask a polygon `x0, y0, x1, y1, ...`, rasterised as COCO does."""
    return [_as_rle(one) for one in coco_mask.frPyObjects(list(polygons), height, width)]


def runs(counts: bytes) -> NDArray[np.int64]:
    """Decodes compressed run lengths.

    Args:
        counts: Numbers in little-endian groups of five bits, the sixth saying that more follow;
            from the fourth number on, differences to the number before the last.

    Returns:
        The run lengths, `int64 [n]`. Nonsense in gives nonsense out, negative runs included; an
        encoding cut inside a number gives a final run of -1.
    """
    characters = np.frombuffer(counts, dtype=np.uint8).astype(np.int64) - _FIRST_CHARACTER
    if not characters.size:
        return np.zeros(0, dtype=np.int64)
    last = (characters & _MORE) == 0
    ends = np.flatnonzero(last)
    complete = bool(last[-1])
    characters = characters[: ends[-1] + 1] if ends.size else characters[:0]
    if not characters.size:
        return np.array([-1], dtype=np.int64)
    starts = np.concatenate(([0], ends[:-1] + 1))
    lengths = ends - starts + 1
    place = np.arange(characters.size) - np.repeat(starts, lengths)
    shifted = (characters & _DIGIT) << np.minimum(_BITS * place, 58)
    numbers = np.add.reduceat(shifted, starts)
    negative = (characters[ends] & _SIGN) != 0
    numbers[negative] -= np.int64(1) << np.minimum(_BITS * lengths[negative], 62)
    numbers[1::2] = np.cumsum(numbers[1::2])
    numbers[2::2] = np.cumsum(numbers[2::2])
    return numbers if complete else np.append(numbers, -1)


def area(rle: RLE) -> int:
    """Number of pixels."""
    return int(coco_mask.area(rle))


def union(masks: Sequence[RLE]) -> RLE:
    """Pixels that lie in any of the masks (one or more, of one size)."""
    return _as_rle(coco_mask.merge(list(masks)))


def intersection(masks: Sequence[RLE]) -> RLE:
    """Pixels that lie in all of the masks (one or more, of one size)."""
    return _as_rle(coco_mask.merge(list(masks), intersect=True))


def complement(rle: RLE) -> RLE:
    """Pixels that do not lie in the mask."""
    lengths = runs(rle["counts"])
    flipped = lengths[1:] if lengths.size and lengths[0] == 0 else np.append(0, lengths)
    height, width = rle["size"]
    return from_runs(flipped.tolist(), height, width)


def difference(first: RLE, second: RLE) -> RLE:
    """Pixels of the first mask that do not lie in the second."""
    return intersection([first, complement(second)])


def covered_once(masks: Sequence[RLE]) -> RLE:
    """Pixels that lie in exactly one of the masks (one or more, of one size)."""
    covered, repeated = masks[0], empty(*masks[0]["size"])
    for mask in masks[1:]:
        repeated = union([repeated, intersection([covered, mask])])
        covered = union([covered, mask])
    return covered if len(masks) == 1 else difference(covered, repeated)


def overlap(prediction: RLE, truth: RLE) -> tuple[int, int]:
    """Pixels in the intersection and in the union of two masks of one size."""
    shared = area(intersection([prediction, truth]))
    return shared, area(prediction) + area(truth) - shared


def _as_rle(encoded: RLE) -> RLE:
    return {"size": [int(side) for side in encoded["size"]], "counts": encoded["counts"]}
