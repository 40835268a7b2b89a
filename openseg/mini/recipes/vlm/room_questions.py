"""Questions about a region or a whole still of the mini rooms.

They are those of the rooms' sentences. Of a crop alone only what it can show is asked, and its
description leaves out size and surroundings. Added are what methods ask: for descriptions of parts,
of the picture, of whatever a sentence means and what is next to it, and whether a description fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from openseg.mini.recipes.regions import Region
from openseg.mini.recipes.stills import Still
from openseg.mini.recipes.vlm.dialogue import Question
from openseg.mini.rooms.held_out import UNSEEN_PAIRS, UNSEEN_PARTS
from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.sentences import Question as RoomQuestion
from openseg.mini.rooms.sentences import questions, sentences
from openseg.mini.rooms.sentences.describing import (
    a_part,
    a_thing,
    certain_looks,
    listed,
    neighbours,
    place_of,
    sayable_parts,
)
from openseg.mini.rooms.sentences.meaning.looks import part_colour
from openseg.mini.rooms.sentences.meaning.outline import shape_word
from openseg.mini.rooms.sentences.meaning.world import World
from openseg.mini.rooms.vocabulary import COLOURS

SEEN_WITHOUT_HUE: Final = frozenset(
    {
        "category",
        "shape",
        "parts",
        "function",
        "is category",
        "has part",
        "has function",
        "choose category",
    }
)
"""Kinds whose answers stay right when the colours of a picture are exchanged."""

SEEN_ALONE: Final = SEEN_WITHOUT_HUE | {
    "colour",
    "material",
    "part colour",
    "is colour",
    "is material",
    "choose colour",
    "choose material",
}
"""Kinds of questions that a crop without the picture around it can answer."""

_DESCRIBE = ("describe it", "describe this thing", "a photo of")
_MEANT = ("describe {}", "describe the thing: {}")
_AROUND = ("describe {} and what is next to it", "what is {} and what is around it?")
_PICTURE = ("describe the picture", "describe this picture")
_MOST_AROUND, _MOST_IN_PICTURE = 2, 4
_UNSEEN_PAIRS = frozenset(UNSEEN_PAIRS)
_UNSEEN_PARTS = frozenset(UNSEEN_PARTS)


class StillQuestions:
    """All questions about one still.

    Args:
        still: The still.
        rng: Source of all chance.
    """

    def __init__(self, still: Still, rng: np.random.Generator) -> None:
        self._rng = rng
        self._scene, self._sight = still.scene, still.sight
        self._world = World(self._scene, self._sight)
        self._asked = questions(self._scene, self._sight, rng)
        self.clear = frozenset(self._world.clear)

    def about(self, thing: Thing) -> list[Question]:
        """What is asked about a thing that is shown with the picture around it."""
        found = [
            Question(_said(one), one.answer, one.kind, bool(one.held_out) or _rare(thing))
            for one in self._asked
            if one.region == thing.id
        ]
        return found + self._fitting(thing)

    def about_crop(self, thing: Thing) -> list[Question]:
        """What is asked about a thing of which only a crop is shown."""
        found = [one for one in self.about(thing) if one.kind in SEEN_ALONE]
        text = _one(_DESCRIBE, self._rng)
        found.append(Question(text, self.description(thing), "describe alone", _rare(thing)))
        return found + self._fitting(thing)

    def about_shape(self, thing: Thing) -> list[Question]:
        """What is asked about a thing in a picture with exchanged colours."""
        return [one for one in self.about(thing) if one.kind in SEEN_WITHOUT_HUE]

    def about_part(self, region: Region) -> list[Question]:
        """What is asked about a part of which only a crop is shown."""
        thing, part = region.seen.thing, str(region.part)
        rare = _rare(thing) or is_rare_part(region)
        colour = part_colour(thing, part)
        named = f"{a_part(part, colour)} of {a_thing(thing.category, []).text}"
        asked = [Question(_one(_DESCRIBE, self._rng), named, "describe part", rare)]
        if colour is not None:
            other = _one([c for c in COLOURS if c != colour], self._rng)
            wrong = f"{a_part(part, other)} of {a_thing(thing.category, []).text}"
            asked += [
                Question("what colour is it?", colour, "colour of part", rare),
                Question(f"is it {named}?", "yes", "is part", rare),
                Question(f"is it {wrong}?", "no", "is part", rare),
            ]
        return asked

    def about_picture(self) -> list[Question]:
        """What is asked about the whole picture, and what its sentences mean."""
        found = [
            Question(_said(one), one.answer, one.kind, bool(one.held_out))
            for one in self._asked
            if one.region is None
        ]
        for sentence in sentences(self._scene, self._sight, self._rng, each=1):
            if len(sentence.target_ids) != 1 or sentence.part is not None:
                continue
            thing = self._world.things[sentence.target_ids[0]]
            if thing.id in self.clear:
                meant, held_out = sentence.text, bool(sentence.held_out) or _rare(thing)
                text = _one(_MEANT, self._rng).format(meant)
                found.append(Question(text, self.description(thing), "resolve", held_out))
                text = _one(_AROUND, self._rng).format(meant)
                answer, rare = self._among_others(thing)
                found.append(Question(text, answer, "resolve around", held_out or rare))
        return [*found, *self._picture()]

    def _picture(self) -> list[Question]:
        """What the picture shows: its largest things, the largest first."""
        shown = [one for one in self._sight.things if one.id in self.clear]
        shown.sort(key=lambda one: -one.pixels)
        things = [self._world.things[one.id] for one in shown[:_MOST_IN_PICTURE]]
        if not things:
            return []
        answer = listed([self._coloured(one) for one in things])
        rare = any(_rare(one) for one in things)
        return [Question(_one(_PICTURE, self._rng), answer, "picture", rare)]

    def _among_others(self, thing: Thing) -> tuple[str, bool]:
        """A thing with the nearest things next to it, or else with what carries it."""
        space, index = self._world.space, self._world.index
        near = neighbours(thing, "next", self._world)
        near.sort(key=lambda one: float(space.distance[index[thing.id], index[one.id]]))
        near = near[:_MOST_AROUND]
        said, place = self._coloured(thing), place_of(thing, self._world)
        if near:
            said += f" next to {listed([self._coloured(one) for one in near])}"
        elif place is not None:
            said += f" on {place}"
        return said, any(_rare(one) for one in near)

    def _coloured(self, thing: Thing) -> str:
        """Its category, with its colour where that is certain."""
        looks = [word for word in certain_looks(thing, self._world) if word == thing.colour]
        return a_thing(thing.category, looks).text

    def name(self, thing: Thing) -> str:
        """Its category with an article."""
        return a_thing(thing.category, []).text

    def description(self, thing: Thing) -> str:
        """What a crop shows of a thing: shape, colour, material and parts."""
        looks = [word for word in certain_looks(thing, self._world) if word != thing.size_word]
        shape = shape_word(thing)
        said = a_thing(thing.category, [*([shape] if shape else []), *looks]).text
        colours = {accent.part: accent.colour for accent in thing.accents}
        parts = sayable_parts(thing, self._world)
        shown = [a_part(part, colours[part]) for part in parts if part in colours]
        shown = shown or [a_part(part) for part in parts[:2]]
        return f"{said} with {listed(shown)}" if shown else said

    def _fitting(self, thing: Thing) -> list[Question]:
        """Whether its own description and that of another thing fit it."""
        own = self.description(thing)
        asked = [Question(f"is it {own}?", "yes", "is described", _rare(thing))]
        others = [self.description(self._world.things[id_]) for id_ in sorted(self.clear)]
        wrong = [text for text in others if text != own]
        if wrong:
            text = f"is it {_one(wrong, self._rng)}?"
            asked.append(Question(text, "no", "is described", _rare(thing)))
        return asked


def is_rare_part(region: Region) -> bool:
    """Whether a part of such a thing is named in `test_unseen` only."""
    return (region.seen.thing.category, region.part) in _UNSEEN_PARTS


def _said(one: RoomQuestion) -> str:
    return one.text if one.text.startswith("describe") else f"{one.text}?"


def _rare(thing: Thing) -> bool:
    return (thing.colour, thing.category) in _UNSEEN_PAIRS


def _one(items: Sequence[str], rng: np.random.Generator) -> str:
    return items[int(rng.integers(len(items)))]
