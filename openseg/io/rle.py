"""Masks at rest: COCO run-length encoding, which keeps holes and costs bytes instead of megabytes.

`counts` is text, as COCO's JSON files hold it. Encoding and decoding are those of `pycocotools`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from pycocotools import mask as coco_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor


class RLE(TypedDict):
    """One mask.

    Attributes:
        size: Height and width of the image in pixels.
        counts: Lengths of the runs, column by column from a run of zeros, compressed to ASCII.
    """

    size: list[int]
    counts: str


def encode_masks(masks: Tensor | NDArray[np.bool_]) -> list[RLE]:
    """Encodes masks.

    Args:
        masks: bool `[n, h, w]`, on any device.

    Returns:
        One encoding a mask; none for `n = 0`.
    """
    return [_encode(_as_array(mask)) for mask in masks]


def decode_masks(encoded: Sequence[RLE], size: tuple[int, int]) -> NDArray[np.bool_]:
    """Decodes masks of one image.

    Args:
        encoded: One encoding a mask.
        size: Height and width of the image; what gives zero masks their shape.

    Returns:
        bool `[n, h, w]`.
    """
    masks = np.empty((len(encoded), *size), dtype=np.bool_)
    for mask, rle in zip(masks, encoded, strict=True):
        mask[...] = coco_mask.decode(rle)
    return masks


def mask_areas(encoded: Sequence[RLE]) -> list[int]:
    """The number of pixels of each mask."""
    return [int(area) for area in coco_mask.area(list(encoded))] if encoded else []


def mask_boxes(encoded: Sequence[RLE]) -> list[list[float]]:
    """The smallest box around each mask: left, top, width, height; zeros for an empty mask."""
    boxes: list[list[float]] = coco_mask.toBbox(list(encoded)).tolist() if encoded else []
    return boxes


def _as_array(mask: Tensor | NDArray[np.bool_]) -> NDArray[np.bool_]:
    return mask if isinstance(mask, np.ndarray) else mask.cpu().numpy()


def _encode(mask: NDArray[np.bool_]) -> RLE:
    encoded = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8, copy=False)))
    return {"size": [int(side) for side in encoded["size"]], "counts": encoded["counts"].decode()}
