"""Square pictures of single regions, the rest of the image painted over.

An image-text encoder judges a region by such a crop; the square keeps the region's aspect when the
encoder resizes, and the margin keeps its outline away from the border.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from openseg.ops.masks import boxes_from_masks


def masked_crops(
    pixels: Tensor, masks: Tensor, fill: Sequence[int], margin: float = 0.1
) -> list[Tensor]:
    """Cuts out each mask's region.

    The mask's box stands in the middle of the square, with the odd pixel to its right or below it.
    The square's side is the box's longer side times `1 + 2 * margin`, rounded. No pixel is
    resampled.

    Args:
        pixels: uint8 `[3, h, w]`, the image.
        masks: bool `[n, h, w]`.
        fill: RGB in 0-255 that stands outside the mask and outside the image.
        margin: Room on each side, as a share of the box's longer side.

    Returns:
        n crops, uint8 `[3, s, s]` each; an empty mask gives `s` = 1, the fill alone.
    """
    colour = torch.tensor(fill, dtype=torch.uint8, device=pixels.device)[:, None, None]
    crops = []
    for mask, box in zip(masks, boxes_from_masks(masks).long().tolist(), strict=True):
        left, top, right, bottom = box
        width, height = right - left, bottom - top
        side = max(1, round(max(width, height) * (1 + 2 * margin)))
        crop = colour.repeat(1, side, side)
        x, y = (side - width) // 2, (side - height) // 2
        region = slice(top, bottom), slice(left, right)
        crop[:, y : y + height, x : x + width] = torch.where(
            mask[region], pixels[:, *region], colour
        )
        crops.append(crop)
    return crops


def square_crop(pixels: Tensor, box: Sequence[float], fill: Sequence[int], margin: float) -> Tensor:
    """Cuts out the square around a box, with what surrounds the box in it.

    Args:
        pixels: uint8 `[3, h, w]`, the image.
        box: xyxy in pixels; the corners are rounded.
        fill: RGB in 0-255 that stands outside the image.
        margin: Room on each side, as a share of the box's longer side.

    Returns:
        uint8 `[3, s, s]`, placed as in `masked_crops`.
    """
    left, top, right, bottom = (round(edge) for edge in box)
    width, height = right - left, bottom - top
    side = max(1, round(max(width, height) * (1 + 2 * margin)))
    left, top = left - (side - width) // 2, top - (side - height) // 2
    colour = torch.tensor(fill, dtype=torch.uint8, device=pixels.device)[:, None, None]
    crop = colour.repeat(1, side, side)
    rows = slice(max(top, 0), max(min(top + side, pixels.shape[1]), 0))
    columns = slice(max(left, 0), max(min(left + side, pixels.shape[2]), 0))
    part = pixels[:, rows, columns]
    y, x = rows.start - top, columns.start - left
    crop[:, y : y + part.shape[1], x : x + part.shape[2]] = part
    return crop
