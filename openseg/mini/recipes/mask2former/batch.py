"""Training batches of the mini Mask2Former: crops of stills, and the known segments in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from openseg.mini.recipes.mask2former.classes import KNOWN
from openseg.mini.recipes.mask2former.model import IMAGE_SIZE, MEAN, STD
from openseg.mini.recipes.stills import Still, Stills

STILLS_A_STEP = 8
MIN_PIXELS = 20
"""Segments with fewer pixels in a crop are left out."""
SMALLEST_CROP = 0.6
"""Smallest side of a crop, as a share of the still's."""


@dataclass(frozen=True)
class Batch:
    """One training batch of b crops.

    Attributes:
        pixels: normalised, float32 [b, 3, 224, 224].
        masks: the known segments of each crop, float32 [m, 224, 224], 0 or 1.
        classes: their classes, int64 [m].
    """

    pixels: Tensor
    masks: list[Tensor]
    classes: list[Tensor]

    def to(self, device: torch.device) -> Batch:
        """The batch on a device."""
        masks = [one.to(device) for one in self.masks]
        return Batch(self.pixels.to(device), masks, [one.to(device) for one in self.classes])


class Batches:
    """Makes the batch of each step.

    Args:
        stills: training stills.
        seed: seed of every draw.
        scale: times the usual batch.
    """

    def __init__(self, stills: Stills, seed: int, scale: int = 1) -> None:
        self._count = scale * STILLS_A_STEP
        self._stills = stills
        self._seed = seed

    def __call__(self, step: int) -> Batch:
        """The batch of a step; every draw depends on seed and step alone."""
        stills = self._stills.sample(step, self._count, self._seed)
        return make_batch(stills, np.random.default_rng((self._seed, step, 1)))


def make_batch(stills: Sequence[Still], rng: np.random.Generator) -> Batch:
    """Crop, mirror and relight stills.

    Args:
        stills: the stills.
        rng: source of chance.
    """
    crops = [_crop(still, rng) for still in stills]
    segments = [segments_of(still, ids) for still, (_, ids) in zip(stills, crops, strict=True)]
    mean, std = torch.tensor(MEAN)[:, None, None], torch.tensor(STD)[:, None, None]
    pixels = (torch.stack([one for one, _ in crops]) - mean) / std
    masks = [torch.from_numpy(found).float() for found, _ in segments]
    return Batch(pixels, masks, [torch.tensor(names) for _, names in segments])


def segments_of(still: Still, ids: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], list[int]]:
    """The segments whose class is known; a surface's walls are one segment.

    Args:
        still: says what the ids are.
        ids: instance ids, uint8 [h, w], of the still or of a crop of it.

    Returns:
        Masks bool [m, h, w] and classes.
    """
    owners: dict[tuple[str, int], list[int]] = {}
    for seen in still.record.seen:
        owners[seen.thing.category, seen.thing.id] = [seen.thing.id]
    for number, name in still.record.surfaces.items():
        owners.setdefault((name, 0), []).append(number)
    masks, classes = [], []
    for (name, _), numbers in owners.items():
        mask = np.isin(ids, numbers)
        if name in KNOWN and mask.sum() >= MIN_PIXELS:
            masks.append(mask)
            classes.append(KNOWN.index(name))
    return np.array(masks, dtype=bool).reshape(-1, *ids.shape), classes


def _crop(still: Still, rng: np.random.Generator) -> tuple[Tensor, NDArray[np.uint8]]:
    """A square part, perhaps mirrored: picture float32 [3, 224, 224] in 0 to 1, and its ids."""
    height, width = still.ids.shape
    side = round(min(height, width) * float(rng.uniform(SMALLEST_CROP, 1.0)))
    top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    rows, columns = slice(top, top + side), slice(left, left + side)
    image, ids = still.image[rows, columns], still.ids[rows, columns]
    if rng.random() < 0.5:
        image, ids = image[:, ::-1], ids[:, ::-1]
    pixels = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float()
    size = (IMAGE_SIZE, IMAGE_SIZE)
    pixels = functional.interpolate(pixels, size=size, mode="bilinear", antialias=True)[0] / 255.0
    pixels = pixels * float(rng.uniform(0.85, 1.15)) + float(rng.uniform(-0.05, 0.05))
    nearest = (np.arange(IMAGE_SIZE) + 0.5) * side / IMAGE_SIZE
    places = nearest.astype(np.int64)
    return pixels.clamp(0.0, 1.0), ids[places][:, places]
