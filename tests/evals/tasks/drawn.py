"""Answers and samples drawn by hand: masks as rows of text, `#` for the region."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from openseg_evals import rle
from openseg_evals.samples import EvalSample, Target
from openseg_evals.tasks.answer import Answer


def mask(*rows: str) -> np.ndarray:
    return np.array([[one == "#" for one in row] for row in rows])


def answer(*regions: tuple[np.ndarray, float, int]) -> Answer:
    """Regions as mask, score and place of the class among the query's classes."""
    return Answer(
        torch.from_numpy(np.stack([one for one, _, _ in regions])),
        torch.tensor([score for _, score, _ in regions]),
        tuple(place for _, _, place in regions),
    )


def nothing(height: int = 4, width: int = 6) -> Answer:
    return Answer(torch.zeros(0, height, width, dtype=torch.bool), torch.zeros(0), ())


def sample(number: int = 1, size=(4, 6), phrases=("cup",), truth=(), **more) -> EvalSample:
    targets = [Target(place, rle.encode(one)) for place, one in truth]
    usual = {"key": {"image_id": number}, "unit": str(number)}
    return EvalSample(
        id=str(number),
        image=Path(f"{number}.png"),
        size=size,
        phrases=phrases,
        targets=lambda: targets,
        **{**usual, **more},
    )


def drawn(segmentation: dict) -> np.ndarray:
    """A mask of a prediction file, decoded by pycocotools."""
    return rle.decode({"size": segmentation["size"], "counts": segmentation["counts"].encode()})
