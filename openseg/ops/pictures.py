"""What a model is shown of a region: the whole picture, the region marked in it, or crops of it."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from openseg.ops.crops import masked_crops
from openseg.ops.marks import boxed
from openseg.ops.masks import boxes_from_masks


def square_crop(
    pixels: Tensor, box: Sequence[float], fill: Sequence[int], margin: float = 0.1
) -> Tensor:
    """Cuts the square around a box, with what surrounds it; no pixel is resampled.

    Args:
        pixels: uint8 `[3, h, w]`.
        box: xyxy in pixels; it stands in the middle, with the odd pixel to its right or below it.
        fill: RGB in 0-255 that stands where the square leaves the picture.
        margin: Room on each side, as a share of the box's longer side.

    Returns:
        uint8 `[3, s, s]`, `s` being the box's longer side times `1 + 2 * margin`, rounded, and at
        least 1.
    """
    left, top, right, bottom = (round(edge) for edge in box)
    width, height = right - left, bottom - top
    side = max(1, round(max(width, height) * (1 + 2 * margin)))
    x, y = left - (side - width) // 2, top - (side - height) // 2
    colour = torch.tensor(fill, dtype=torch.uint8, device=pixels.device)
    crop = colour[:, None, None].repeat(1, side, side)
    seen_y = slice(max(0, y), max(0, min(pixels.shape[1], y + side)))
    seen_x = slice(max(0, x), max(0, min(pixels.shape[2], x + side)))
    seen = pixels[:, seen_y, seen_x]
    height, width = seen.shape[1:]
    crop[:, seen_y.start - y :, seen_x.start - x :][:, :height, :width] = seen
    return crop


def pictures_of_boxes(
    pixels: Tensor, boxes: Tensor, kinds: Sequence[str], fill: Sequence[int], margin: float
) -> list[tuple[Tensor, ...]]:
    """The pictures about each box.

    Args:
        pixels: uint8 `[3, h, w]`.
        boxes: float32 `[n, 4]` xyxy in pixels.
        kinds: What to show, in this order: `whole`, `marked` (the whole with the box in red), or
            `crop` (the square around the box).
        fill: RGB in 0-255 that stands outside of the picture.
        margin: Room around the box in crops, as a share of its longer side.

    Returns:
        n tuples of uint8 `[3, h, w]` of different sizes; `whole` is the same tensor in all.
    """

    def picture(kind: str, box: Sequence[float]) -> Tensor:
        if kind == "whole":
            return pixels
        return boxed(pixels, box) if kind == "marked" else square_crop(pixels, box, fill, margin)

    return [tuple(picture(kind, box) for kind in kinds) for box in boxes.tolist()]


def pictures_of_masks(
    pixels: Tensor, masks: Tensor, kinds: Sequence[str], fill: Sequence[int], margin: float
) -> list[tuple[Tensor, ...]]:
    """The pictures about each mask.

    Args:
        pixels: uint8 `[3, h, w]`.
        masks: bool `[n, h, w]`.
        kinds: As for boxes, and `masked`: the crop with `fill` outside of the mask.
        fill: RGB in 0-255.
        margin: Room around the mask's box in crops, as a share of its longer side.

    Returns:
        n tuples of uint8 `[3, h, w]` of different sizes.
    """
    boxes = boxes_from_masks(masks)
    columns = {
        kind: masked_crops(pixels, masks, fill, margin)
        if kind == "masked"
        else [shown for (shown,) in pictures_of_boxes(pixels, boxes, [kind], fill, margin)]
        for kind in kinds
    }
    return [tuple(columns[kind][row] for kind in kinds) for row in range(len(masks))]
