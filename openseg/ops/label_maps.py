"""One class a pixel, from masks with a score for every class or from a map for every class.

A class's value at each pixel is made a few classes or pixels at a time, so that thousands of
classes do not need thousands of images' memory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

_CHUNK = 1 << 24
"""Values that a step makes at once, for memory."""

NONE = -1
"""The label of a pixel of no class."""


def labels_from_masks(masks: Tensor, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Labels each pixel with the class whose scores add up to most over the masks that cover it.

    Cheng et al., "Per-Pixel Classification is Not All You Need for Semantic Segmentation",
    NeurIPS 2021, arXiv:2107.06278, "semantic inference".

    Args:
        masks: bool `[n, h, w]`.
        scores: float32 `[n, c]`, not negative.

    Returns:
        Class of each pixel, int64 `[h, w]`, `NONE` where all classes have 0; and what its scores
        add up to, float32 `[h, w]`.
    """
    height, width = masks.shape[1:]
    covered = masks.flatten(1)
    labels = torch.full((height * width,), NONE, device=masks.device)
    best = torch.zeros(height * width, device=masks.device)
    if len(masks):
        step = max(1, _CHUNK // (sum(scores.shape)))
        for start in range(0, height * width, step):
            part = slice(start, start + step)
            value, label = (scores.T @ covered[:, part].to(scores.dtype)).max(dim=0)
            best[part], labels[part] = value, torch.where(value > 0, label, NONE)
    return labels.reshape(height, width), best.reshape(height, width)


def labels_from_maps(maps: Sequence[Tensor], size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Labels each pixel with the map that is highest there.

    Args:
        maps: float32 `[n, gh, gw]` each, of grids that cover the whole image; where there are
            several, map i is the product of theirs, made at the image's size.
        size: Height and width of the image.

    Returns:
        Place of the highest map at each pixel, int64 `[h, w]`, the first of equal ones, `NONE`
        without maps; and its value, float32 `[h, w]`.
    """
    best = torch.full(size, -torch.inf, device=maps[0].device)
    labels = torch.full(size, NONE, device=maps[0].device)
    step = max(1, _CHUNK // (size[0] * size[1]))
    for start in range(0, len(maps[0]), step):
        parts = [
            functional.interpolate(one[None, start : start + step], size=size, mode="bilinear")[0]
            for one in maps
        ]
        value, label = math.prod(parts[1:], start=parts[0]).max(dim=0)
        labels = torch.where(value > best, label + start, labels)
        best = torch.maximum(best, value)
    return labels, best


def masks_of_labels(labels: Tensor, values: Tensor) -> tuple[Tensor, Tensor, list[int]]:
    """The pixels of every class that a label map shows.

    Args:
        labels: int64 `[h, w]`, `NONE` for pixels of no class.
        values: float32 `[h, w]`, how sure each pixel is.

    Returns:
        Masks bool `[k, h, w]`, none of them empty; the mean value over each, float32 `[k]`; and
        their classes, rising.
    """
    classes = [label for label in torch.unique(labels).tolist() if label != NONE]
    masks = [labels == label for label in classes]
    means = [values[mask].mean() for mask in masks]
    shape = (0, *labels.shape)
    return (
        torch.stack(masks) if masks else labels.new_zeros(shape, dtype=torch.bool),
        torch.stack(means) if means else values.new_zeros(0),
        classes,
    )
