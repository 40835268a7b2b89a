"""Masks: areas, boxes, bits, overlaps, non-maximum suppression, stability of logits."""

from __future__ import annotations

import torch
from torch import Tensor

_CHUNK = 1 << 24
"""Elements that a step of `iou` turns into floats at once, for memory."""


def area(masks: Tensor) -> Tensor:
    """Areas of masks.

    Args:
        masks: bool `[n, h, w]`.

    Returns:
        int64 `[n]`, in pixels.
    """
    # Bytes are added up five times as fast as booleans.
    return masks.flatten(1).view(torch.uint8).sum(dim=1, dtype=torch.int32).long()


def boxes_from_masks(masks: Tensor) -> Tensor:
    """Tight boxes around masks.

    Args:
        masks: bool `[n, h, w]`.

    Returns:
        float32 `[n, 4]` xyxy pixels, right and bottom exclusive; an empty mask has the box
        0, 0, 0, 0.
    """
    pixels = masks.view(torch.uint8)  # of bytes the largest is found many times as fast as `any`
    left, right = _extent(pixels.amax(dim=1) > 0)
    top, bottom = _extent(pixels.amax(dim=2) > 0)
    return torch.stack([left, top, right, bottom], dim=1).float()


def _extent(occupied: Tensor) -> tuple[Tensor, Tensor]:
    """First occupied place and the one after the last, of each row of bool `[n, k]`."""
    size = occupied.shape[1]
    place = torch.arange(size, device=occupied.device)
    first = torch.where(occupied, place, size).amin(dim=1)
    end = torch.where(occupied, place + 1, 0).amax(dim=1)
    return torch.minimum(first, end), end


def packed(masks: Tensor) -> Tensor:
    """Masks as bits, an eighth of their memory.

    Args:
        masks: bool `[n, h, w]`.

    Returns:
        uint8 `[n, ceil(h w / 8)]`, the first pixel in the lowest bit.
    """
    pixels = masks.flatten(1).view(torch.uint8)
    pixels = torch.nn.functional.pad(pixels, (0, -pixels.shape[1] % 8))
    return (torch.unflatten(pixels, 1, (-1, 8)) << _bits(masks.device)).sum(
        dim=-1, dtype=torch.uint8
    )


def unpacked(bits: Tensor, size: tuple[int, int]) -> Tensor:
    """Masks from bits, see `packed`.

    Args:
        bits: uint8 `[n, ceil(h w / 8)]`.
        size: Height and width of the masks.

    Returns:
        bool `[n, h, w]`.
    """
    pixels = ((bits[..., None] >> _bits(bits.device)) & 1).flatten(1)
    return pixels[:, : size[0] * size[1]].reshape(len(bits), *size).view(torch.bool)


def _bits(device: torch.device) -> Tensor:
    return torch.arange(8, dtype=torch.uint8, device=device)


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Pairwise intersection over union.

    Args:
        a: bool `[n, h, w]`.
        b: bool `[m, h, w]`.

    Returns:
        float32 `[n, m]`; 0 where the union is empty.
    """
    rows, columns = a.flatten(1), b.flatten(1)
    inter = torch.zeros(len(a), len(b), dtype=torch.int64, device=a.device)
    step = max(1, _CHUNK // max(1, len(a) + len(b)))
    for start in range(0, rows.shape[1], step):
        part = slice(start, start + step)
        inter += (rows[:, part].float() @ columns[:, part].float().T).round().long()
    union = area(a)[:, None] + area(b)[None] - inter
    return inter.float() / union.clamp(min=1).float()


def nms(masks: Tensor, scores: Tensor, classes: Tensor, max_iou: float) -> Tensor:
    """Greedy non-maximum suppression by mask overlap, within each class.

    Args:
        masks: bool `[n, h, w]`.
        scores: float32 `[n]`.
        classes: int64 `[n]`; masks of different classes never suppress each other.
        max_iou: A mask that overlaps a better one of its class by more is dropped.

    Returns:
        int64 `[k]` rows kept, best first; of equal scores the earlier row is the better one.
    """
    order = scores.argsort(descending=True, stable=True)
    same = classes[order][:, None] == classes[order][None]
    ranked = masks[order]
    suppressed_by = ((iou(ranked, ranked) > max_iou) & same).cpu()
    alive = torch.ones(len(order), dtype=torch.bool)
    for row in range(len(order)):
        if alive[row]:
            alive[row + 1 :] &= ~suppressed_by[row, row + 1 :]
    return order[alive.to(order.device)]


def stability(logits: Tensor, offset: float) -> Tensor:
    """How little a mask changes when its threshold moves: SAM's stability score.

    Args:
        logits: float32 `[n, h, w]`, thresholded at 0 to give masks.
        offset: How far the threshold moves up and down, in logits.

    Returns:
        float32 `[n]` in [0, 1]: the IoU of the masks at thresholds `offset` and `-offset`; 0 where
        both are empty.
    """
    small, large = area(logits > offset), area(logits > -offset)
    return small.float() / large.clamp(min=1).float()
