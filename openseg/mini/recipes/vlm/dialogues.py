"""Draw the dialogues of a training step from stills of the mini rooms.

Most show the crop of a thing or a part alone, some of them with exchanged colours, so that shapes
are known apart from the colours they were seen in; others the picture and the crop, or the picture.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from openseg.mini.recipes.crops import recoloured_pixels
from openseg.mini.recipes.regions import Region, part_regions, whole
from openseg.mini.recipes.stills import Still, Stills
from openseg.mini.recipes.vlm.batch import Packed, pack
from openseg.mini.recipes.vlm.dialogue import Dialogue, Question
from openseg.mini.recipes.vlm.pictures import marked_picture, region_crop, scene_picture
from openseg.mini.recipes.vlm.room_questions import StillQuestions, is_rare_part

STILLS_A_STEP = 4
REGIONS_A_STILL = 3
MOST_QUESTIONS = 12
"""Questions in a dialogue: drawn where there are more."""

EXCHANGED, PART, ALONE, TOGETHER = 0.15, 0.3, 0.6, 0.85
"""Shares of dialogues, adding up: a crop with exchanged colours, a part, a thing's crop alone,
picture and crop; the rest shows the picture alone."""


HINTED = 0.3
"""Share of yes-no questions after the thing's description: comparing words with words is learnt
before comparing words with pictures, and methods ask for it too."""


class Batches:
    """Makes the batch of each step.

    Args:
        stills: Training stills.
        tokenizer: The model's tokenizer.
        tokens_a_picture: How many tokens stand for a picture.
        seed: Seed of every draw.
    """

    def __init__(self, stills: Stills, tokenizer: Any, tokens_a_picture: int, seed: int) -> None:
        self._stills = stills
        self._tokenizer = tokenizer
        self._tokens_a_picture = tokens_a_picture
        self._seed = seed

    def __call__(self, step: int) -> list[Packed]:
        """The batch of a step; every draw depends on seed and step alone."""
        rng = np.random.default_rng((self._seed, step, 1))
        drawn = [
            dialogue
            for still in self._stills.sample(step, STILLS_A_STEP, self._seed)
            for dialogue in still_dialogues(still, rng)
        ]
        return pack(drawn, self._tokenizer, self._tokens_a_picture)


def still_dialogues(still: Still, rng: np.random.Generator) -> list[Dialogue]:
    """Draws dialogues about some of a still's regions."""
    asking = StillQuestions(still, rng)
    things = [whole(seen) for seen in still.things if seen.thing.id in asking.clear]
    parts = [one for one in part_regions(still) if not is_rare_part(one)]
    order = rng.permutation(len(things))[:REGIONS_A_STILL]
    drawn = [_draw(still, things[int(at)], parts, asking, rng) for at in order]
    return [Dialogue(one.pictures, _some(one.questions, rng)) for one in drawn if one.questions]


def _draw(
    still: Still,
    region: Region,
    parts: list[Region],
    asking: StillQuestions,
    rng: np.random.Generator,
) -> Dialogue:
    sort = rng.random()
    thing = region.seen.thing
    mask = still.mask(region.seen)
    if sort < EXCHANGED:
        image = recoloured_pixels(still.image, rng)
        crop = region_crop(image, region.box, mask, rng)
        asked = asking.about_shape(thing)
        return Dialogue((crop,), _hinted(asked, asking.name(thing), rng))
    if sort < PART and parts:
        part = parts[int(rng.integers(len(parts)))]
        # Without its mask nothing tells the crop of a part from that of what it belongs to.
        mask = still.mask(part.seen, part.part)
        crop = region_crop(still.image, part.box, mask, rng, masked=1.0)
        return Dialogue((crop,), tuple(asking.about_part(part)))
    crop = region_crop(still.image, region.box, mask, rng)
    if sort < ALONE:
        asked = asking.about_crop(thing)
        return Dialogue((crop,), _hinted(asked, asking.description(thing), rng))
    if sort < TOGETHER:
        shown = marked_picture(still.image, region.box, rng)
        return Dialogue((shown, crop), tuple(asking.about(thing)))
    return Dialogue((scene_picture(still.image, rng),), tuple(asking.about_picture()))


def _hinted(
    questions: list[Question], description: str, rng: np.random.Generator
) -> tuple[Question, ...]:
    return tuple(
        replace(one, text=f"{description}. {one.text}")
        if one.answer in {"yes", "no"} and rng.random() < HINTED
        else one
        for one in questions
    )


def _some(questions: tuple[Question, ...], rng: np.random.Generator) -> tuple[Question, ...]:
    chosen = rng.permutation(len(questions))[:MOST_QUESTIONS]
    return tuple(questions[int(at)] for at in sorted(chosen))
