"""Boxes: areas, overlaps, clipping, non-maximum suppression."""

from __future__ import annotations

import torch
import torchvision
from torch import Tensor


def area(boxes: Tensor) -> Tensor:
    """Areas of boxes.

    Args:
        boxes: float32 `[n, 4]` xyxy.

    Returns:
        float32 `[n]`; an inverted box has area 0.
    """
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(dim=-1)


def iou(a: Tensor, b: Tensor) -> Tensor:
    """Pairwise intersection over union.

    Args:
        a: float32 `[..., n, 4]` xyxy.
        b: float32 `[..., m, 4]` xyxy.

    Returns:
        float32 `[..., n, m]`; 0 where the union is empty.
    """
    top_left = torch.maximum(a[..., None, :2], b[..., None, :, :2])
    bottom_right = torch.minimum(a[..., None, 2:], b[..., None, :, 2:])
    inter = (bottom_right - top_left).clamp(min=0).prod(dim=-1)
    union = area(a)[..., None] + area(b)[..., None, :] - inter
    return torch.where(union > 0, inter / union.clamp(min=1e-12), torch.zeros_like(inter))


def clip(boxes: Tensor, size: tuple[int, int]) -> Tensor:
    """Clips boxes to an image.

    Args:
        boxes: float32 `[n, 4]` xyxy pixels.
        size: Height and width of the image.
    """
    height, width = size
    limit = boxes.new_tensor([width, height, width, height])
    return boxes.clamp(min=0).minimum(limit)


def nms(boxes: Tensor, scores: Tensor, classes: Tensor, max_iou: float) -> Tensor:
    """Non-maximum suppression within each class.

    Args:
        boxes: float32 `[n, 4]` xyxy.
        scores: float32 `[n]`.
        classes: int64 `[n]`; boxes of different classes never suppress each other.
        max_iou: A box that overlaps a better one of its class by more is dropped.

    Returns:
        int64 `[k]` rows kept, best first.
    """
    kept: Tensor = torchvision.ops.batched_nms(boxes, scores, classes, max_iou)
    return kept
