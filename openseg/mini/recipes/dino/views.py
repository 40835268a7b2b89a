"""Pairs of views of one thing: across a walk, or two crops of one picture.

No label is used: that two crops show one thing is known from the renderer's instance ids alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openseg.mini.measures.retrieval import FILL
from openseg.mini.recipes.crops import brighten, resize, shaken_outline, square_crop
from openseg.mini.recipes.dino.model import GRID, IMAGE_SIZE, PIXEL_MEAN, PIXEL_STD
from openseg.mini.recipes.stills import Still, Stills
from openseg.mini.recipes.walks import Track, tracks
from openseg.mini.rooms.records import Seen

PAIRS_OF_WALKS, PAIRS_OF_STILLS = 40, 24
HIDDEN = (0.2, 0.5)
"""Smallest and largest share of a picture's patches that is hidden."""


@dataclass(frozen=True)
class Batch:
    """Pairs of pictures.

    Attributes:
        pixels: normalised; the first n rows and the last n rows are pairs, float32 [2n, 3, 80, 80].
        hidden: patches that the student does not see, bool [2n, 100].
    """

    pixels: Tensor
    hidden: Tensor


class Batches:
    """Makes the batch of each step.

    Args:
        stills: training stills.
        walks: views of walks through training rooms.
        seed: seed of every draw.
        scale: times the usual batch.
    """

    def __init__(self, stills: Stills, walks: Stills, seed: int, scale: int = 1) -> None:
        self._scale = scale
        self._stills = stills
        self._walks = walks
        self._tracks = tracks(walks)
        self._seed = seed

    def __call__(self, step: int) -> Batch:
        """The batch of a step; every draw depends on seed and step alone."""
        rng = np.random.default_rng((self._seed, step, 1))
        count = self._scale * PAIRS_OF_WALKS
        chosen = rng.choice(len(self._tracks), count, replace=len(self._tracks) < count)
        pairs = [self._across(self._tracks[i], rng) for i in chosen]
        for still in self._stills.sample(step, self._scale * PAIRS_OF_STILLS, self._seed):
            seen = still.things[int(rng.integers(len(still.things)))]
            pairs.append((training_view(still, seen, rng), training_view(still, seen, rng)))
        crops = np.stack([one for one, _ in pairs] + [other for _, other in pairs])
        mean, std = torch.tensor(PIXEL_MEAN), torch.tensor(PIXEL_STD)
        pixels = (torch.from_numpy(crops) / 255.0 - mean) / std
        hidden = torch.from_numpy(np.stack([_blocks(rng) for _ in crops]))
        return Batch(pixels.permute(0, 3, 1, 2).contiguous(), hidden)

    def _across(
        self, track: Track, rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """One thing from two places."""
        a, b = (track.views[i] for i in rng.permutation(len(track.views))[:2])
        return (
            training_view(self._walks[a[0]], a[1], rng),
            training_view(self._walks[b[0]], b[1], rng),
        )


def training_view(still: Still, seen: Seen, rng: np.random.Generator) -> NDArray[np.uint8]:
    """A crop of a thing as methods cut it, uint8 [80, 80, 3].

    Most are masked, with an outline up to two pixels off; box, size, light and tint vary, and a
    rectangle may be hidden, as by another thing.
    """
    edges = np.array(seen.box)
    side = np.tile(edges[2:] - edges[:2], 2)
    edges = edges + rng.normal(size=4) * side * rng.choice([0.0, 0.06])
    mask = shaken_outline(still.mask(seen), rng) if rng.random() < 0.7 else None
    scale = float(rng.uniform(1.0, 1.5))
    view = resize(square_crop(still.image, tuple(edges.tolist()), mask, scale, FILL), IMAGE_SIZE)
    tinted = np.clip(view * rng.uniform(0.85, 1.15) * rng.uniform(0.94, 1.06, 3), 0, 255)
    view = brighten(tinted.astype(np.uint8), rng)
    if rng.random() < 0.3:
        height, width = rng.integers(IMAGE_SIZE // 8, IMAGE_SIZE // 2, 2)
        top, left = rng.integers(IMAGE_SIZE - height), rng.integers(IMAGE_SIZE - width)
        view[top : top + height, left : left + width] = FILL
    return view


def _blocks(rng: np.random.Generator) -> NDArray[np.bool_]:
    """Hidden patches in rectangles, bool [100]; none in half of the pictures."""
    hidden = np.zeros((GRID, GRID), dtype=bool)
    if rng.random() < 0.5:
        wanted = rng.uniform(*HIDDEN) * hidden.size
        while hidden.sum() < wanted:
            height, width = rng.integers(1, GRID // 2, 2)
            top, left = rng.integers(GRID - height + 1), rng.integers(GRID - width + 1)
            hidden[top : top + height, left : left + width] = True
    return hidden.reshape(-1)
