"""Superlatives: "the largest box", "the leftmost cup"; with a relation they are held out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from openseg.mini.rooms.sentences.constructions.ordinal import rows
from openseg.mini.rooms.sentences.constructions.relation import landmarks
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import (
    PICTURE_QUALITIES,
    Extreme,
    Form,
    Group,
    Kind,
    Lies,
    Quality,
    Related,
    Test,
    one,
)
from openseg.mini.rooms.sentences.meaning.naming import a_name, shuffled
from openseg.mini.rooms.sentences.meaning.world import World

_SIZES: tuple[Quality, ...] = ("largest", "smallest", "tallest", "shortest")
_PLACES: tuple[Quality, ...] = tuple(q for q in get_args(Quality) if q not in _SIZES)


def _usable(qualities: tuple[Quality, ...], world: World) -> list[Quality]:
    if world.sight is not None:
        return list(qualities)
    return [quality for quality in qualities if quality not in PICTURE_QUALITIES]


@dataclass(frozen=True)
class Superlative:
    """The most of some like things.

    Attributes:
        name: The construction's name.
        qualities: What they are compared by.
    """

    name: str
    qualities: tuple[Quality, ...]
    empty: bool = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every row of like things with every quality."""
        qualities = _usable(self.qualities, world)
        for group, _ in rows(world, draw):
            for quality in draw.shuffled(qualities):
                yield Form((Group(group.noun, group.tests, Extreme(quality)),))


class SuperlativeOfRelated:
    """Such as "the largest box on the floor", "the leftmost cup on the desk"; held out."""

    name = "superlative of related"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every category with what carries it or is next to it, and every quality."""
        qualities = _usable((*_SIZES, *_PLACES), world)
        marks = landmarks(world, draw)
        for thing in shuffled(world, draw):
            tests: list[Test] = [
                Related("on", a_name(mark.id, world, draw))
                for mark in marks
                if mark.id == thing.support
            ]
            if not isinstance(thing.support, int):
                tests = [Lies(thing.support)]
            for test in tests:
                for quality in draw.shuffled(qualities):
                    yield one(Kind(thing.category), test, pick=Extreme(quality))


SUPERLATIVES = (
    Superlative("superlative of size", _SIZES),
    Superlative("superlative of place", _PLACES),
    SuperlativeOfRelated(),
)
"""The constructions of superlatives."""
