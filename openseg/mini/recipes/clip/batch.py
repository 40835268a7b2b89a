"""Crops of things and parts with phrases about them: one batch of the mini CLIP.

A batch compares all its crops with all its phrases. Its phrases are those drawn for its crops and
some that name nothing in it; recoloured crops, of which only category and use are known, teach
shape apart from the colours it was seen in. Some stills are shown whole, for their patches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openseg.mini.recipes.claims import KINDS, Claim, ClaimSource, pair_claim, truth
from openseg.mini.recipes.clip.dense import Pictures, make_pictures
from openseg.mini.recipes.crops import (
    PIXEL_MEAN,
    PIXEL_STD,
    brighten,
    recoloured_pixels,
    resize,
    training_crop,
)
from openseg.mini.recipes.regions import OPEN, QUESTIONS, answers, part_regions, whole
from openseg.mini.recipes.stills import Still, Stills

STILLS_A_STEP = 20
REGIONS_A_STILL = 5
PICTURES_A_STEP = 5
"""Stills of a step whose patches are read too, in their own colours."""
PATCH = 8
PART_SHARE = 0.25
"""Chance of a region to be a part, in stills that show parts."""
STRANGE_PHRASES = 60
"""Colour-category phrases of a step that are drawn for none of its crops, at most."""
TRUE_HUES = 0.7
"""Chance of a still to keep its colours."""
WHOLE_SHARE = 0.2
"""Chance of a still to be shown as a whole too."""

_ABOUT_LOOKS = [
    column
    for (about, _), column in QUESTIONS.items()
    if about in {"colour", "material", "part colour"}
]


@dataclass(frozen=True)
class Batch:
    """Crops and phrases.

    Attributes:
        pixels: normalised crops, float32 [n, 3, 64, 64].
        texts: t phrases.
        kinds: place of each phrase's kind in `KINDS`, int64 [t].
        truth: whether each phrase names each crop: NO, OPEN or YES, uint8 [n, t].
        pictures: whole stills with r regions.
        picture_pixels: the same, normalised, float32 [p, 3, 128, 128].
        picture_truth: whether each phrase names each region, uint8 [r, t].
    """

    pixels: Tensor
    texts: tuple[str, ...]
    kinds: Tensor
    truth: Tensor
    pictures: Pictures
    picture_pixels: Tensor
    picture_truth: Tensor


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
        rng = np.random.default_rng((self._seed, step, 1))
        return make_batch(self._stills.sample(step, self._count, self._seed), rng)


def make_batch(stills: list[Still], rng: np.random.Generator) -> Batch:
    """Cut crops from stills, draw phrases, and tell which names which."""
    source = ClaimSource(rng)
    crops: list[NDArray[np.uint8]] = []
    tables: list[NDArray[np.uint8]] = []
    claims: dict[Claim, None] = {}
    for still in stills:
        true_hues = bool(rng.random() < TRUE_HUES)
        image = still.image if true_hues else recoloured_pixels(still.image, rng)
        things = source.draw.shuffled([whole(seen) for seen in still.things])
        parts = source.draw.shuffled(part_regions(still))
        wanted = sum(bool(rng.random() < PART_SHARE) for _ in range(REGIONS_A_STILL))
        regions = [*parts[:wanted], *things[: REGIONS_A_STILL - wanted]]
        for region in regions:
            crops.append(
                training_crop(image, region.box, still.mask(region.seen, region.part), rng)
            )
            if true_hues:
                drawn = [source.about(region)]
                drawn += [] if region.part else [pair_claim(region)]
            else:
                drawn = [Claim(region.seen.thing.category, part=region.part)]
            claims |= dict.fromkeys(claim for claim in drawn if source.allowed(claim))
        table = answers(regions)
        if rng.random() < WHOLE_SHARE:
            crops.append(brighten(resize(image), rng))
            # A picture shows what any of its things shows, but it is not sure to show no more.
            some = answers(things).max(axis=0, keepdims=True)
            some[:, _ABOUT_LOOKS] = np.minimum(some[:, _ABOUT_LOOKS], OPEN)
            table = np.concatenate([table, some])
        if not true_hues:
            table[:, _ABOUT_LOOKS] = OPEN
        tables.append(table)
    claims |= dict.fromkeys(source.near(one) for one in [*claims][:STRANGE_PHRASES])
    texts = tuple(claim.say(source.speaker, bare=source.draw.chance(0.6)) for claim in claims)
    texts = tuple(f"a photo of {t}" if source.draw.chance(0.15) else t for t in texts)
    shown = stills[: max(1, len(stills) * PICTURES_A_STEP // STILLS_A_STEP)]
    regions_shown = [[whole(seen) for seen in still.things] for still in shown]
    pictures, kept = make_pictures(shown, regions_shown, PATCH, rng)
    rows = [answers(some)[which] for some, which in zip(regions_shown, kept, strict=True)]
    return Batch(
        _normalised(torch.from_numpy(np.stack(crops))),
        texts,
        torch.tensor([KINDS.index(claim.kind) for claim in claims]),
        torch.from_numpy(truth(list(claims), np.concatenate(tables))),
        pictures,
        _normalised(pictures.pixels),
        torch.from_numpy(truth(list(claims), np.concatenate(rows))),
    )


def _normalised(pixels: Tensor) -> Tensor:
    """float32 [n, 3, h, w] from uint8 [n, h, w, 3]."""
    mean, std = torch.tensor(PIXEL_MEAN), torch.tensor(PIXEL_STD)
    return ((pixels / 255.0 - mean) / std).permute(0, 3, 1, 2).contiguous()
