"""The arrays that the published program was run on: random masks, projections and boxes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

SIZE = (60, 80)
POINTS, VIEWS, MASKS, CLASSES = 900, 14, 11, 7
TOP_VIEWS, PAIRS = 5, 20
SEEDS = (3, 10, 12, 19)
"""Arrays in which no two views tie for the last place: the published choice is then one."""


class Arrays(NamedTuple):
    """Masks bool [k, n]; projections int16 [f, n, 2] (x, y); visible bool [f, n]; boxes a view."""

    masks: Tensor
    projections: Tensor
    visible: Tensor
    boxes: list[Tensor]
    labels: list[Tensor]


def arrays(seed: int) -> Arrays:
    """Masks are patches of a plane that every view shifts by its own amount."""
    random = np.random.default_rng(seed)
    place = random.uniform(0, [SIZE[1], SIZE[0]], (POINTS, 2))
    centres = random.uniform(10, [SIZE[1] - 10, SIZE[0] - 10], (MASKS, 2))
    apart = np.linalg.norm(place[None] - centres[:, None], axis=2)
    masks = apart < random.uniform(7, 16, (MASKS, 1))
    masks[0] = apart[0] < 3.5  # so few points that no view says how a box fits
    shift = random.uniform(-9, 9, (VIEWS, 1, 2))
    pixels = np.floor(place[None] + shift).clip(0, [SIZE[1] - 1, SIZE[0] - 1])
    visible = random.random((VIEWS, POINTS)) < random.uniform(0.1, 0.9, (VIEWS, 1))
    boxes, labels = [], []
    for view in range(VIEWS):
        count = 0 if view == 3 else int(random.integers(3, 14))
        corner = random.uniform(0, [SIZE[1] - 20, SIZE[0] - 20], (count, 2))
        side = random.uniform(8, 30, (count, 2))
        end = np.minimum(corner + side, [SIZE[1], SIZE[0]])
        boxes.append(torch.tensor(np.concatenate([corner, end], axis=1), dtype=torch.float32))
        labels.append(torch.tensor(random.integers(0, CLASSES, count)))
    return Arrays(
        torch.tensor(masks),
        torch.tensor(pixels.astype(np.int16)),
        torch.tensor(visible),
        boxes,
        labels,
    )
