"""Phrases for detector and encoder: a logical form, its words, and the questions it asks.

A claim names things by category, colour, material, size or use, or a part of such things. Words
come from the rooms' sentences, so whatever is learnt here is what sentences say. Outside of
`test_unseen` no claim names a held-out pair of colour and category or of category and part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from openseg.mini.recipes.regions import QUESTIONS, WHOLE, Region
from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.held_out import UNSEEN_PAIRS, UNSEEN_PARTS
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import (
    Anything,
    Coloured,
    Form,
    Group,
    HasPart,
    Kind,
    Made,
    Number,
    PartOf,
    Sized,
    Test,
    Use,
)
from openseg.mini.rooms.sentences.meaning.looks import part_colour
from openseg.mini.rooms.sentences.saying.say import say
from openseg.mini.rooms.sentences.saying.speaker import Speaker
from openseg.mini.rooms.vocabulary import COLOURS, FUNCTIONS, MATERIALS, Material, SizeWord

ClaimKind = Literal["pair", "category", "attributes", "looks", "function", "part"]
KINDS: tuple[ClaimKind, ...] = ("pair", "category", "attributes", "looks", "function", "part")

_MOST_QUESTIONS = 6
_ARTICLES = ("the ", "a ", "an ")


@dataclass(frozen=True)
class Claim:
    """What a phrase says; None leaves a matter open.

    Attributes:
        category: what the thing is.
        colour: its colour.
        material: what it looks made of.
        size: small or large for its category.
        function: what it is for; instead of a category.
        part: the part that is meant.
        part_colour: that part's colour.
    """

    category: str | None = None
    colour: str | None = None
    material: Material | None = None
    size: SizeWord | None = None
    function: str | None = None
    part: str | None = None
    part_colour: str | None = None

    @property
    def kind(self) -> ClaimKind:
        """What sort of phrase it is."""
        if self.part is not None:
            return "part"
        if self.function is not None:
            return "function"
        if self.category is None:
            return "looks"
        if self.material is None and self.size is None:
            return "category" if self.colour is None else "pair"
        return "attributes"

    @property
    def held_out(self) -> bool:
        """Whether it names a pair that only `test_unseen` may name."""
        return (self.colour, self.category) in _UNSEEN_PAIRS or (
            self.category,
            self.part,
        ) in _UNSEEN_PARTS

    @property
    def columns(self) -> tuple[int, ...]:
        """The questions that must all be answered with yes."""
        asked = [
            ("category", self.category),
            ("colour", self.colour),
            ("material", self.material),
            ("size", self.size),
            ("function", self.function),
            ("part colour", self.part_colour),
        ]
        found = [QUESTIONS[about, value] for about, value in asked if value is not None]
        return (QUESTIONS[WHOLE if self.part is None else ("part", self.part)], *found)

    def form(self, number: Number = 1) -> Form:
        """Its logical form for one thing or for several."""
        tests: list[Test] = []
        if self.size is not None:
            tests.append(Sized(self.size))
        if self.colour is not None:
            tests.append(Coloured(self.colour))
        if self.material is not None:
            tests.append(Made(self.material))
        part = None if self.part is None else PartOf(self.part, self.part_colour)
        if self.function is not None:
            noun: Kind | Use | Anything = Use(self.function)
        elif self.category is not None:
            noun = Kind(self.category)
        else:
            noun = Anything()
            tests += [HasPart(part.part, part.colour)] if part is not None else []
        return Form((Group(noun, tuple(tests), number=number),), part)

    def say(self, speaker: Speaker, *, several: bool = False, bare: bool = False) -> str:
        """Its words.

        Args:
            speaker: chooses them.
            several: speak of several things.
            bare: leave out an article at the beginning, as prompts do.
        """
        text = say(self.form("all" if several else 1), speaker).text
        if bare:
            for article in _ARTICLES:
                text = text.removeprefix(article)
        return text


_UNSEEN_PAIRS = frozenset(UNSEEN_PAIRS)
_UNSEEN_PARTS = frozenset(UNSEEN_PARTS)


def pair_claim(region: Region) -> Claim:
    """The claim of a thing's colour and category: "red cup"."""
    colour, category = region.pair
    return Claim(category, colour)


def truth(claims: Sequence[Claim], table: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Whether each claim names each region: NO, OPEN or YES, uint8 [regions, claims].

    Args:
        claims: the claims.
        table: what `answers` says of the regions.
    """
    always = QUESTIONS["always", ""]
    columns = np.full((len(claims), _MOST_QUESTIONS), always)
    for row, claim in enumerate(claims):
        columns[row, : len(claim.columns)] = claim.columns
    return np.asarray(table[:, columns].min(axis=-1))


class ClaimSource:
    """Draws claims.

    Args:
        rng: source of chance.
        unseen: whether held-out pairs may be named.
    """

    def __init__(self, rng: np.random.Generator, *, unseen: bool = False) -> None:
        self.draw = Draw(rng)
        self.speaker = Speaker(self.draw, unseen=False)
        self._unseen = unseen

    def allowed(self, claim: Claim) -> bool:
        """Whether a claim may be made."""
        return self._unseen or not claim.held_out

    def about(self, region: Region) -> Claim:
        """A claim that names a region, by whatever is known of it."""
        thing = region.seen.thing
        pair = Claim(thing.category, thing.colour)
        if region.part is not None:
            return self._about_part(region, region.part)
        look = replace(pair, material=thing.material)
        return self._weighted(
            (0.40, pair),
            (0.10, Claim(thing.category)),
            (0.10, Claim(thing.category, material=thing.material)),
            (0.08, Claim(thing.category, size=thing.size_word)),
            (0.06, look),
            (0.06, replace(look, size=thing.size_word)),
            (0.06, Claim(colour=thing.colour)),
            (0.03, Claim(material=thing.material)),
            (0.03, replace(look, category=None)),
            (0.08, Claim(function=self.draw.pick(thing.kind.functions))),
        )

    def _about_part(self, region: Region, part: str) -> Claim:
        thing = region.seen.thing
        own = part_colour(thing, part)
        named = Claim(thing.category, thing.colour, part=part)
        return self._weighted(
            (0.30, Claim(thing.category, part=part)),
            (0.35, named),
            (0.20, named if own is None else Claim(part=part, part_colour=own)),
            (0.15, Claim(thing.category, part=part, part_colour=own)),
        )

    def _weighted(self, *options: tuple[float, Claim]) -> Claim:
        """One of some claims; their weights sum to 1."""
        left = self.draw.unit()
        for weight, claim in options:
            left -= weight
            if left < 0:
                return claim
        return options[0][1]

    def near(self, claim: Claim) -> Claim:
        """A claim with one word changed, or any one where that is not allowed."""
        said = [name for name in _CHANGES if getattr(claim, name) is not None]
        for _ in range(4):
            name = self.draw.pick(said)
            word: Any = self.draw.pick(_CHANGES[name])
            changed = replace(claim, **{name: word})
            if claim.part is not None and name == "category":
                changed = replace(changed, part=self.draw.pick(_PARTS[str(changed.category)]))
            if changed != claim and self.allowed(changed):
                return changed
        return self.any()

    def any(self) -> Claim:
        """A claim about any colour and category."""
        while True:
            claim = Claim(self.draw.pick(_CHANGES["category"]), self.draw.pick(_CHANGES["colour"]))
            if self.allowed(claim):
                return claim


_PARTS: dict[str, tuple[str, ...]] = {c.name: c.parts for c in CATEGORIES}
_CHANGES: dict[str, tuple[str, ...]] = {
    "category": tuple(_PARTS),
    "colour": tuple(COLOURS),
    "material": MATERIALS,
    "size": ("small", "large"),
    "function": tuple(FUNCTIONS),
    "part_colour": tuple(COLOURS),
}
