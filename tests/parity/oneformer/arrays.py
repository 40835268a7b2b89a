"""Mask queries of made-up images: round blobs that overlap, with classes more or less sure.

The numbers come from a generator whose stream does not change, so that what the authors' program
said of them can be kept.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

CLASSES = 5
THINGS = (0, 1, 2)
"""The other two are stuff."""
SIZE = (18, 24)
SEEDS = (3, 15, 37, 48)
"""Images in which segments are dropped and pieces of stuff are joined."""


def queries(seed: int) -> tuple[Tensor, Tensor]:
    """Class logits float32 `[14, 6]` and mask logits float32 `[14, 18, 24]`, at an image's size."""
    rng = np.random.default_rng(seed)
    count = 14
    classes = rng.normal(0.0, 3.0, (count, CLASSES + 1)).astype(np.float32)
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    middle = rng.uniform(0.0, 1.0, (count, 2)) * SIZE
    radius = rng.uniform(2.0, 5.0, count)
    away = np.hypot(
        *(g[None] - m[:, None, None] for g, m in zip((rows, columns), middle.T, strict=True))
    )
    masks = (radius[:, None, None] - away) * rng.uniform(0.3, 2.0, count)[:, None, None]
    return torch.from_numpy(classes), torch.from_numpy(masks.astype(np.float32))
