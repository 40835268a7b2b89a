"""The prompts of detector training: phrases about a still, and which regions each of them names.

A prompt mixes phrases that are true with others, half of those only one word off; truth is read
from the regions' answers, so "cup" names every cup. Parts are regions of their own while they are
asked for. Some prompts are sentences of all constructions that training may hear.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openseg.mini.recipes.claims import Claim, ClaimSource, truth
from openseg.mini.recipes.regions import (
    LIKE_THE_WHOLE,
    NO,
    YES,
    Region,
    answers,
    part_regions,
    whole,
)
from openseg.mini.recipes.stills import Still
from openseg.mini.rooms.sentences.sentence import Sentence, balanced, sentences

MAX_PHRASES = 12
LONG_SHARE, LONG_PHRASES = 0.1, 40
"""One prompt in ten has up to 40 phrases, as long vocabularies give."""
SHORT_SHARE, SHORT_PHRASES = 0.3, 2
"""Three prompts in ten have one or two phrases, as a sentence of a user gives."""
TRUE_SHARE = 0.6
"""Chance of each phrase of a prompt to be drawn from what the still shows."""
PART_SHARE = 0.2
"""Chance of a true phrase to be about a part."""
MOST_SENTENCES = 3


@dataclass(frozen=True)
class Prompt:
    """What is asked of a still.

    Attributes:
        texts: the phrases.
        regions: the things, and the parts that the phrases ask for.
        truth: whether a phrase names a region: NO, OPEN or YES, uint8 [regions, texts].
    """

    texts: tuple[str, ...]
    regions: tuple[Region, ...]
    truth: NDArray[np.uint8]


def phrase_prompt(still: Still, shown: Sequence[int], rng: np.random.Generator) -> Prompt:
    """A prompt of phrases by looks, category, use and part.

    Args:
        still: the still.
        shown: ids of the things that the crop leaves in the picture.
        rng: source of chance.
    """
    source = ClaimSource(rng)
    draw = source.draw
    most = LONG_PHRASES if draw.chance(LONG_SHARE) else MAX_PHRASES
    most = SHORT_PHRASES if draw.chance(SHORT_SHARE) else most
    count = 1 + int(most * draw.unit())
    things = draw.shuffled([whole(seen) for seen in still.things if seen.thing.id in shown])
    parts = [one for one in part_regions(still) if one.seen.thing.id in shown]
    claims: dict[Claim, None] = {}
    for k in range(count):
        if not things or not draw.chance(TRUE_SHARE):
            near = things and draw.chance(0.6)
            about = source.about(draw.pick(things)) if near else source.any()
            claim = source.near(about) if near else about
        elif parts and draw.chance(PART_SHARE):
            claim = source.about(draw.pick(parts))
        else:
            claim = source.about(things[k % len(things)])
        if source.allowed(claim):
            claims[claim] = None
    claims = claims or {source.any(): None}
    asked = {claim.part for claim in claims if claim.part is not None}
    regions = [whole(seen) for seen in still.things]
    regions += [part for part in part_regions(still, sorted(asked)) if asked]
    table = truth(list(claims), answers(regions))
    texts: dict[str, NDArray[np.uint8]] = {}
    for claim, named in zip(claims, table.T, strict=True):
        several = int((named == YES).sum()) > 1 and draw.chance(0.5)
        texts[claim.say(source.speaker, several=several, bare=draw.chance(0.5))] = named
    return _merged(list(texts), regions, np.stack(list(texts.values()), axis=1))


def sentence_prompt(still: Still, rng: np.random.Generator) -> Prompt | None:
    """A prompt of one to three sentences, whose truth needs the whole picture; None without any."""
    pool = sentences(still.scene, still.sight, rng, each=1)
    said = balanced(pool, rng, int(rng.integers(1, MOST_SENTENCES + 1)))
    if not said:
        return None
    asked = sorted({one.part for one in said if one.part is not None})
    regions = [whole(seen) for seen in still.things] + part_regions(still, asked)
    table = np.array([[_named(one, region) for one in said] for region in regions], np.uint8)
    return _merged([one.text for one in said], regions, table)


def _named(sentence: Sentence, region: Region) -> int:
    meant = region.seen.thing.id in sentence.target_ids and region.part == sentence.part
    return YES if meant else NO


def _merged(texts: list[str], regions: list[Region], table: NDArray[np.uint8]) -> Prompt:
    """A prompt in which a part that fills its thing's box is one region with the thing."""
    row = {one.seen.thing.id: k for k, one in enumerate(regions) if one.part is None}
    kept = []
    for k, region in enumerate(regions):
        owner = row[region.seen.thing.id]
        if region.part is not None and _overlap(region.box, regions[owner].box) > LIKE_THE_WHOLE:
            table[owner] = np.maximum(table[owner], table[k])
        else:
            kept.append(k)
    return Prompt(tuple(texts), tuple(regions[k] for k in kept), table[kept])


def _overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> float:
    """IoU of a box with one that holds it."""
    inner = (one[2] - one[0]) * (one[3] - one[1])
    return inner / ((other[2] - other[0]) * (other[3] - other[1]))
