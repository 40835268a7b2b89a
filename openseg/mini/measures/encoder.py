"""An image-text encoder: the right phrase among twenty for the masked crop of a thing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from openseg import ops
from openseg.mini.measures.score import Score, image_of
from openseg.mini.recipes.claims import Claim, ClaimSource, truth
from openseg.mini.recipes.regions import NO, Region, answers, part_regions, whole
from openseg.mini.recipes.stills import Still
from openseg.mini.rooms.held_out import SEEN_PAIRS, UNSEEN_PAIRS
from openseg.models.protocols import DenseImageTextEncoder

CHOICES = 20
NEAR = 12
"""Wrong phrases that share a word with the right one: for pairs half the colour, half the
category."""


def encoder_scores(
    encoder: DenseImageTextEncoder, stills: Sequence[Still], *, unseen: bool = False, seed: int = 0
) -> dict[str, Score]:
    """Share of crops for which the right phrase wins among twenty.

    Args:
        encoder: The encoder.
        stills: Where the crops are from.
        unseen: Whether wrong phrases of parts may name held-out pairs.
        seed: Seed of the wrong phrases.

    Returns:
        `right of 20` over things by colour and category, `right of 20, held-out pairs` over
        things of held-out pairs, `right of 20, parts` over parts ("handle of the red cup"),
        `right of 20, patches` over things again, by the mean of their patches in the whole still.
    """
    random = np.random.default_rng(seed)
    source = ClaimSource(random, unseen=unseen)
    names = ("", ", held-out pairs", ", parts", ", patches")
    hits: dict[str, list[bool]] = {name: [] for name in names}
    for still in stills:
        things, parts = [whole(seen) for seen in still.things], part_regions(still)
        regions = [*things, *parts]
        masks = torch.from_numpy(np.stack([still.mask(r.seen, r.part) for r in regions]))
        pixels = image_of(still).pixels
        crops = ops.crops.masked_crops(
            pixels, masks.to(pixels.device), encoder.mean_pixel, margin=0.1
        )
        vectors = encoder.encode_images(crops)
        [patches] = encoder.encode([image_of(still)])
        pooled = _means(patches.patches, masks)
        table = answers(regions, unseen=True)
        for region, vector, mean, row in zip(regions, vectors, pooled, table, strict=True):
            claims = (
                _pairs(region, row, random) if region.part is None else _parts(region, row, source)
            )
            if len(claims) < CHOICES:
                continue
            words = encoder.encode_texts([one.say(source.speaker, bare=True) for one in claims])
            hit = bool((words @ vector).argmax() == 0)
            hits[", parts" if region.part is not None else ""].append(hit)
            if region.part is None:
                hits[", patches"].append(bool((words @ mean).argmax() == 0))
            if claims[0].kind == "pair" and claims[0].held_out:
                hits[", held-out pairs"].append(hit)
    return {"right of 20" + name: Score.of(values) for name, values in hits.items()}


def _means(patches: Tensor, masks: Tensor) -> Tensor:
    """Mean feature under each mask, [n, d] from [d, rows, columns] and bool [n, h, w]."""
    cells = masks.to(patches.device, patches.dtype)[None]
    cover = functional.interpolate(cells, size=patches.shape[1:], mode="area")[0]
    return cover.flatten(1) @ patches.flatten(1).T


def _pairs(region: Region, row: NDArray[np.uint8], random: np.random.Generator) -> list[Claim]:
    """The right colour and category first, and wrong ones: six share the colour, six the noun."""
    colour, category = region.pair
    wrong = [_ALL[i] for i in np.flatnonzero(truth(_ALL, row[None])[0] == NO)]
    chosen: dict[Claim, None] = {Claim(category, colour): None}
    for alike in (
        [one for one in wrong if one.colour == colour],
        [one for one in wrong if one.category == category],
    ):
        chosen |= {alike[i]: None for i in random.permutation(len(alike))[: NEAR // 2]}
    for i in random.permutation(len(wrong)):
        if len(chosen) == CHOICES:
            break
        chosen[wrong[i]] = None
    return list(chosen)


def _parts(region: Region, row: NDArray[np.uint8], source: ClaimSource) -> list[Claim]:
    """The right part of the right thing first, and wrong ones that share a word or more."""
    colour, category = region.pair
    right = Claim(category, colour, part=region.part)
    others = [Claim(category, colour, part=part) for part in region.seen.thing.kind.parts]
    others += [source.near(right) for _ in range(60)]
    named = truth(others, row[None])[0]
    wrong = dict.fromkeys(o for o, level in zip(others, named, strict=True) if level == NO)
    return [right, *wrong][:CHOICES]


_ALL = [Claim(category, colour) for colour, category in SEEN_PAIRS + UNSEEN_PAIRS]
