"""Small values that tests of stages share."""

from __future__ import annotations

import torch

from openseg.types import Masks, Phrase, Similarity, TextQuery


def query_of(*names: str) -> TextQuery:
    """A query; names of one class are joined by `|`."""
    phrases = [
        Phrase(text, place, (0, len(text)))
        for place, one in enumerate(names)
        for text in one.split("|")
    ]
    return TextQuery("; ".join(names), tuple(phrases))


def similarity(rows: list[list[float]], columns: int = 0) -> Similarity:
    """Regions by phrases; `columns` tells how many where there is no region."""
    return Similarity(
        torch.tensor(rows, dtype=torch.float32).reshape(len(rows), -1 if rows else columns)
    )


def masks_of(*boxes: tuple[int, int, int, int], size: tuple[int, int] = (8, 10)) -> Masks:
    """Rectangles, left, top, right, bottom."""
    data = torch.zeros(len(boxes), *size, dtype=torch.bool)
    for mask, (left, top, right, bottom) in zip(data, boxes, strict=True):
        mask[top:bottom, left:right] = True
    return Masks(data)


def unit(rows: int, width: int, seed: int) -> torch.Tensor:
    """Random unit vectors."""
    random = torch.Generator().manual_seed(seed)
    return torch.nn.functional.normalize(torch.randn(rows, width, generator=random), dim=1)
