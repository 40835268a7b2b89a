"""Captions of the stills of the mini rooms: lists of claims, and what the rooms say of a picture.

A list names some things and parts by colour, category, material, size or use; a phrase that
people could disagree about is left out. A view whose colour channels are swapped is captioned
without looks, so that a shape is known apart from the colours it was seen in.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from openseg.mini.recipes.claims import Claim, ClaimSource, truth
from openseg.mini.recipes.crops import recoloured_pixels
from openseg.mini.recipes.regions import OPEN, YES, Region, answers, part_regions, whole
from openseg.mini.recipes.stable_diffusion.captions import CaptionedView, Mention, Span, Writing
from openseg.mini.recipes.stills import Still, Stills
from openseg.mini.rooms.sentences import captions
from openseg.mini.rooms.sentences.saying.phrase import Phrase
from openseg.mini.rooms.sentences.saying.say import say
from openseg.mini.rooms.vocabulary import COLOURS, MATERIALS, SizeWord

RECOLOURED_SHARE = 0.2
TOLD_SHARE = 0.3
"""Views captioned by the rooms' own captions, with relations, where colours are true."""
PART_SHARE = 0.15
SINGLE_SHARE = 0.4
"""Lists of one phrase, as a user's phrase is."""
MOST_PHRASES = 5
SIZES: tuple[SizeWord, ...] = get_args(SizeWord)


class RoomCaptions:
    """Captioned views of the mini rooms.

    Args:
        stills: stills of one split.
    """

    def __init__(self, stills: Stills) -> None:
        self._stills = stills

    def draw(self, step: int, size: int, seed: int) -> list[CaptionedView]:
        """See `CaptionedViews.draw`; new shards are looked for every 50 steps."""
        if step % 50 == 0:
            self._stills.rescan()
        rng = np.random.default_rng((seed, step, 2))
        return [captioned(still, rng) for still in self._stills.sample(step, size, seed)]


def captioned(still: Still, rng: np.random.Generator) -> CaptionedView:
    """Draw a caption of a still."""
    if rng.random() < RECOLOURED_SHARE:
        image = recoloured_pixels(still.image, rng)
        return CaptionedView(image, *listed(still, rng, looks=False))
    told = _told(still, rng) if rng.random() < TOLD_SHARE else None
    return CaptionedView(still.image, *(told or listed(still, rng, looks=True)))


def listed(
    still: Still, rng: np.random.Generator, *, looks: bool
) -> tuple[str, tuple[Mention, ...]]:
    """Name some things and parts: "the red mug, a wooden chair and the handle of the jug".

    Args:
        still: the still.
        rng: draws things and wording.
        looks: whether colours and materials may be said.

    Returns:
        The caption and its mentions; neither if nothing can be said for sure.
    """
    source = ClaimSource(rng)
    regions = [*(whole(seen) for seen in still.things), *part_regions(still)]
    most = 1 if rng.random() < SINGLE_SHARE else MOST_PHRASES
    wanted = int(rng.integers(1, most + 1))
    claims = _claims(regions, source, 2 * wanted + 2, looks=looks)
    levels = truth(claims, answers(regions))
    writing = Writing()
    if rng.random() < 0.2:
        writing.add(("a", "photo", "of"))
    mentions = []
    sure = [i for i in range(len(claims)) if (levels[:, i] != OPEN).all()][:wanted]
    for place, i in enumerate(sure):
        if place:
            writing.add(("and",) if place == len(sure) - 1 else (",",))
        meant = [regions[k] for k in np.flatnonzero(levels[:, i] == YES)]
        phrase = say(claims[i].form("all" if len(meant) > 1 else 1), source.speaker)
        words = _spoken(writing, phrase)
        mentions.append(Mention(words, _pixels(still, meant)))
    return (writing.text, tuple(mentions)) if mentions else ("", ())


def _claims(
    regions: Sequence[Region], source: ClaimSource, count: int, *, looks: bool
) -> list[Claim]:
    things = source.draw.shuffled([one for one in regions if one.part is None])
    parts = source.draw.shuffled([one for one in regions if one.part is not None])
    claims: dict[Claim, None] = {}
    for _ in range(count):
        pool = parts if parts and (source.draw.chance(PART_SHARE) or not things) else things
        if not pool:
            break
        region = pool.pop()
        thing = region.seen.thing
        claim = source.about(region) if looks else Claim(thing.category, part=region.part)
        if source.allowed(claim):
            claims[claim] = None
    return list(claims)


def _spoken(writing: Writing, phrase: Phrase) -> tuple[Span, ...]:
    """Write a phrase; returns the places of its head noun and of the adjectives of that noun."""
    first = len(writing.places)
    writing.add(phrase.words)
    start, end = phrase.head_span
    adjectives = [
        writing.span(first + k, first + k + 1)
        for k, (head, label) in enumerate(zip(phrase.heads, phrase.labels, strict=True))
        if head == phrase.root and label == "amod"
    ]
    return writing.span(first + start, first + end), *adjectives


def _told(still: Still, rng: np.random.Generator) -> tuple[str, tuple[Mention, ...]] | None:
    """A caption as the rooms make it; its nouns mean all things that their adjectives fit."""
    made = captions(still.scene, still.sight, rng)
    if not made:
        return None
    words = made[0].text.split()
    writing = Writing()
    writing.add(words)
    regions = [whole(seen) for seen in still.things]
    table = answers(regions)
    mentions = []
    for one in made[0].mentions:
        first = one.start
        while first and words[first - 1] in (*COLOURS, *MATERIALS, *SIZES):
            first -= 1
        looks = words[first : one.start]
        [category] = {r.seen.thing.category for r in regions if r.seen.thing.id in one.ids}
        claim = Claim(
            category,
            next((word for word in looks if word in COLOURS), None),
            next((word for word in MATERIALS if word in looks), None),
            next((word for word in SIZES if word in looks), None),
        )
        fits = truth([claim], table)[:, 0] == YES
        meant = [
            region
            for region, fit in zip(regions, fits, strict=True)
            if fit or region.seen.thing.id in one.ids
        ]
        spans = (writing.span(one.start, one.end), *writing.places[first : one.start])
        mentions.append(Mention(spans, _pixels(still, meant)))
    return writing.text, tuple(mentions)


def _pixels(still: Still, regions: Sequence[Region]) -> NDArray[np.bool_]:
    mask = np.zeros(still.ids.shape, bool)
    for region in regions:
        mask |= still.mask(region.seen, region.part)
    return mask
