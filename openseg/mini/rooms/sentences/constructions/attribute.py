"""Attributes, none or more: "the cup", "the red cup", "the small red cup", "the red thing"."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import (
    Anything,
    Coloured,
    Form,
    Kind,
    Made,
    Noun,
    Sized,
    Test,
    one,
)
from openseg.mini.rooms.sentences.meaning.naming import shuffled
from openseg.mini.rooms.sentences.meaning.world import World

Choices = Callable[[Thing], list[tuple[Test, ...]]]


def _nothing(_thing: Thing) -> list[tuple[Test, ...]]:
    return [()]


def _colour(thing: Thing) -> list[tuple[Test, ...]]:
    return [(Coloured(thing.colour),)]


def _material(thing: Thing) -> list[tuple[Test, ...]]:
    return [(Made(thing.material),)]


def _size(thing: Thing) -> list[tuple[Test, ...]]:
    return [(Sized(thing.size_word),)] if thing.size_word is not None else []


def _several(thing: Thing) -> list[tuple[Test, ...]]:
    """All combinations of two or three attributes, in the order they are said in."""
    single = [*_size(thing), *_colour(thing), *_material(thing)]
    flat = [tests[0] for tests in single]
    return [combined for n in (2, 3) for combined in combinations(flat, n)]


def _looks(thing: Thing) -> list[tuple[Test, ...]]:
    return [*_colour(thing), *_material(thing), (Coloured(thing.colour), Made(thing.material))]


@dataclass(frozen=True)
class Attribute:
    """A noun with attributes, or with none.

    Attributes:
        name: The construction's name.
        choices: The attributes that may be said of a thing.
        generic: Whether the noun is "thing" instead of the category.
    """

    name: str
    choices: Choices
    generic: bool = False
    empty: bool = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every thing with one of the choices."""
        for thing in shuffled(world, draw):
            choices = self.choices(thing)
            if choices:
                noun: Noun = Anything() if self.generic else Kind(thing.category)
                yield one(noun, *draw.pick(choices))


ATTRIBUTES = (
    Attribute("category", _nothing),
    Attribute("colour", _colour),
    Attribute("material", _material),
    Attribute("size", _size),
    Attribute("attributes", _several),
    Attribute("looks", _looks, generic=True),
)
"""The constructions of attributes."""
