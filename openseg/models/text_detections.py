"""From a detector's raw output to `TextDetections`: pixels, pruning, order, prompts joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from openseg import ops
from openseg.models.protocols import TextDetections


@dataclass(frozen=True, eq=False)
class Part:
    """What one prompt found.

    Attributes:
        boxes: float32 `[q, 4]` centre x, centre y, width, height, relative to `extent`.
        scores: float32 `[q, k]` in [0, 1] for the prompt's phrases.
        phrases: Which of the image's phrases these are, `k` of them.
    """

    boxes: Tensor
    scores: Tensor
    phrases: range


def combine(
    parts: Sequence[Part],
    count: int,
    size: tuple[int, int],
    extent: tuple[int, int],
    min_score: float,
) -> TextDetections:
    """Puts the parts of one image together.

    A box scores 0 for the phrases that were not in its prompt. Boxes that lie wholly outside the
    image (in its margin) are dropped.

    Args:
        parts: At least one.
        count: How many phrases the image was asked for.
        size: Height and width of the image.
        extent: Height and width in pixels of the image that relative boxes refer to; larger than
            `size` where the image was padded.
        min_score: Boxes whose best score is lower are dropped.
    """
    kept = [part.scores.amax(dim=1) >= min_score for part in parts]
    boxes = _pixels(
        torch.cat([part.boxes[keep] for part, keep in zip(parts, kept, strict=True)]), size, extent
    )
    scores = boxes.new_zeros(len(boxes), count)
    row = 0
    for part, keep in zip(parts, kept, strict=True):
        chosen = part.scores[keep]
        scores[row : row + len(chosen), part.phrases.start : part.phrases.stop] = chosen
        row += len(chosen)
    inside = ops.boxes.area(boxes) > 0
    boxes, scores = boxes[inside], scores[inside]
    order = scores.amax(dim=1).argsort(descending=True, stable=True)
    return TextDetections(boxes[order], scores[order])


def _pixels(boxes: Tensor, size: tuple[int, int], extent: tuple[int, int]) -> Tensor:
    """Relative centre boxes as xyxy pixels inside the image."""
    height, width = extent
    half = boxes[:, 2:] / 2
    corners = torch.cat([boxes[:, :2] - half, boxes[:, :2] + half], dim=1)
    pixels = corners * corners.new_tensor([width, height, width, height])
    clipped: Tensor = ops.boxes.clip(pixels, size)
    return clipped


def nothing(count: int, device: torch.device) -> TextDetections:
    """No box for `count` phrases."""
    return TextDetections(torch.zeros(0, 4, device=device), torch.zeros(0, count, device=device))
