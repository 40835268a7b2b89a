"""Training batches of the mini SAM 3: crops of stills, several concepts asked of each.

A row is one concept on one crop: a phrase of the detector's prompts, which regions it names, and in
some steps exemplar boxes of what it names or not. Regions cut off by the crop are neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from openseg.mini.recipes.grounding_dino.prompts import Prompt, phrase_prompt, sentence_prompt
from openseg.mini.recipes.regions import NO, OPEN, YES, Region, box_of
from openseg.mini.recipes.sam3.concepts import Concept, concepts_of, with_exemplars
from openseg.mini.recipes.sam3.model import CONTEXT, IMAGE_SIZE, MASK_SIZE, MEAN, STD
from openseg.mini.recipes.stills import Still, Stills

STILLS_A_STEP = 8
CONCEPTS_A_STILL = 4
SENTENCE_SHARE = 0.15
"""Chance of a still to be asked for sentences; it stays whole and unmirrored then."""
EXEMPLAR_SHARE = 0.25
"""Share of steps whose rows have exemplars, one or two each: rows of a step have equally many."""
MIN_INSIDE, MIN_SEEN = 0.5, 0.02
"""Shares of a region's pixels that a crop must keep for it to count, and to be there at all."""
SMALLEST_CROP = 0.65


@dataclass(frozen=True)
class Batch:
    """One training batch of r concepts on b crops, at most m regions a crop.

    Attributes:
        pixels: normalised, float32 [b, 3, 256, 256].
        crop: the crop of each concept, int64 [r].
        input_ids: token ids, int64 [r, 32].
        attention_mask: 1 for a token and 0 for padding, int64 [r, 32].
        boxes: of the regions of each crop, xyxy relative to it, float32 [b, m, 4].
        masks: share of each cell that the region covers, float32 [b, m, 64, 64].
        named: whether the concept names the region, bool [r, m].
        unsure: whether it may or may not, bool [r, m].
        exemplars: by centre and size, relative to the crop, float32 [r, k, 4]; k may be 0.
        positive: 1 where an exemplar shows the concept and 0 where not, int64 [r, k].
    """

    pixels: Tensor
    crop: Tensor
    input_ids: Tensor
    attention_mask: Tensor
    boxes: Tensor
    masks: Tensor
    named: Tensor
    unsure: Tensor
    exemplars: Tensor
    positive: Tensor

    def to(self, device: torch.device) -> Batch:
        """The batch on a device."""
        return Batch(*(getattr(self, field.name).to(device) for field in fields(self)))


class Batches:
    """Makes the batch of each step.

    Args:
        stills: training stills.
        tokenizer: the model's own.
        seed: seed of every draw.
        scale: times the usual batch.
    """

    def __init__(self, stills: Stills, tokenizer: Any, seed: int, scale: int = 1) -> None:
        self._count = scale * STILLS_A_STEP
        self._stills = stills
        self._tokenizer = tokenizer
        self._seed = seed

    def __call__(self, step: int) -> Batch:
        """The batch of a step; every draw depends on seed and step alone."""
        stills = self._stills.sample(step, self._count, self._seed)
        return make_batch(stills, self._tokenizer, np.random.default_rng((self._seed, step, 1)))


@dataclass(frozen=True)
class _View:
    """A crop of a still: picture float32 [3, 256, 256] in 0 to 1, and what is asked of it."""

    pixels: Tensor
    boxes: NDArray[np.float32]
    masks: Tensor
    concepts: list[Concept]


def make_batch(stills: Sequence[Still], tokenizer: Any, rng: np.random.Generator) -> Batch:
    """Crop, mirror and relight stills, and draw the concepts that are asked of each.

    Args:
        stills: stills of the step.
        tokenizer: the model's own.
        rng: source of chance.
    """
    count = int(rng.integers(1, 3)) if rng.random() < EXEMPLAR_SHARE else 0
    views = [_view(still, count, rng) for still in stills]
    slots = max(1, *(len(view.boxes) for view in views))
    rows = [(place, one) for place, view in enumerate(views) for one in view.concepts]
    boxes = torch.zeros(len(views), slots, 4)
    masks = torch.zeros(len(views), slots, MASK_SIZE, MASK_SIZE)
    for place, view in enumerate(views):
        boxes[place, : len(view.boxes)] = torch.from_numpy(view.boxes)
        masks[place, : len(view.boxes)] = view.masks
    truth = torch.full((len(rows), slots), NO, dtype=torch.uint8)
    for row, (_, one) in enumerate(rows):
        truth[row, : len(one.truth)] = torch.from_numpy(one.truth)
    tokens = tokenizer(
        [one.text for _, one in rows],
        padding="max_length",
        max_length=CONTEXT,
        truncation=True,
        return_tensors="pt",
    )
    mean, std = torch.tensor(MEAN)[:, None, None], torch.tensor(STD)[:, None, None]
    return Batch(
        pixels=(torch.stack([view.pixels for view in views]) - mean) / std,
        crop=torch.tensor([place for place, _ in rows]),
        input_ids=tokens["input_ids"],
        attention_mask=tokens["attention_mask"],
        boxes=boxes,
        masks=masks,
        named=truth == YES,
        unsure=truth == OPEN,
        exemplars=torch.from_numpy(np.stack([one.exemplars for _, one in rows])),
        positive=torch.from_numpy(np.stack([one.positive for _, one in rows])),
    )


def _view(still: Still, exemplars: int, rng: np.random.Generator) -> _View:
    height, width = still.ids.shape
    whole = sentence_prompt(still, rng) if rng.random() < SENTENCE_SHARE else None
    share = 1.0 if whole is not None else float(rng.uniform(SMALLEST_CROP, 1.0))
    side = round(min(height, width) * share)
    top, left = int(rng.integers(height - side + 1)), int(rng.integers(width - side + 1))
    rows, columns = slice(top, top + side), slice(left, left + side)
    mirrored = whole is None and rng.random() < 0.5
    inside = _shares(still, rows, columns)
    prompt: Prompt = whole or phrase_prompt(
        still, [id_ for id_, kept in inside.items() if kept >= MIN_INSIDE], rng
    )
    boxes, masks, level = _regions(still, prompt.regions, rows, columns, mirrored=mirrored)
    # What is cut off may be found or not; what is cut away is not there.
    truth = np.where(level[:, None] == YES, prompt.truth, np.minimum(prompt.truth, level[:, None]))
    concepts = concepts_of(prompt.texts, truth, CONCEPTS_A_STILL, rng)
    if exemplars:
        there = level == YES
        concepts = [
            with_exemplars(one, prompt.regions, boxes, there, exemplars, rng) for one in concepts
        ]
    return _View(
        _pixels(still.image[rows, columns], rng, mirrored=mirrored), boxes, masks, concepts
    )


def _shares(still: Still, rows: slice, columns: slice) -> dict[int, float]:
    """The share of each thing's pixels that lies in a crop, by the thing's id."""
    whole = np.bincount(still.ids.ravel(), minlength=256)
    kept = np.bincount(still.ids[rows, columns].ravel(), minlength=256)
    ids = [seen.thing.id for seen in still.things]
    return {id_: float(kept[id_] / max(1, whole[id_])) for id_ in ids}


def _regions(
    still: Still, regions: Sequence[Region], rows: slice, columns: slice, *, mirrored: bool
) -> tuple[NDArray[np.float32], Tensor, NDArray[np.uint8]]:
    """Boxes [m, 4] and masks [m, 64, 64] in a crop; YES, OPEN or NO: is the region in it? [m]."""
    boxes = np.zeros((len(regions), 4), np.float32)
    masks = torch.zeros(len(regions), MASK_SIZE, MASK_SIZE)
    level = np.full(len(regions), NO, np.uint8)
    for k, region in enumerate(regions):
        full = still.mask(region.seen, region.part)
        mask = full[rows, columns]
        share = mask.sum() / max(1, full.sum())
        if share < MIN_SEEN:
            continue
        mask = mask[:, ::-1] if mirrored else mask
        boxes[k] = np.array(box_of(mask), np.float32) / len(mask)
        cells = torch.from_numpy(mask.copy()).float()[None, None]
        masks[k] = functional.interpolate(cells, size=(MASK_SIZE, MASK_SIZE), mode="area")[0, 0]
        level[k] = YES if share >= MIN_INSIDE else OPEN
    return boxes, masks, level


def _pixels(image: NDArray[np.uint8], rng: np.random.Generator, *, mirrored: bool) -> Tensor:
    """The crop at the network's size and in slightly other light, float32 [3, 256, 256]."""
    image = image[:, ::-1] if mirrored else image
    pixels = torch.from_numpy(image.copy()).permute(2, 0, 1)[None].float()
    size = (IMAGE_SIZE, IMAGE_SIZE)
    pixels = functional.interpolate(pixels, size=size, mode="bilinear", antialias=True)[0] / 255.0
    return (pixels * float(rng.uniform(0.9, 1.1)) + float(rng.uniform(-0.04, 0.04))).clamp(0.0, 1.0)
