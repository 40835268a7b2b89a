"""Negations: "the cup that is not red", "the cup without a red handle"."""

from collections.abc import Iterator
from dataclasses import dataclass

from openseg.mini.rooms.sentences.constructions.relation import landmarks, usable
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import (
    Anything,
    Coloured,
    Form,
    Group,
    HasPart,
    Kind,
    Lies,
    Made,
    Not,
    Number,
    Related,
    Relation,
    Test,
)
from openseg.mini.rooms.sentences.meaning.naming import a_name, names, shuffled
from openseg.mini.rooms.sentences.meaning.world import World

_RELATIONS: tuple[Relation, ...] = ("left", "right", "on", "next")


def _without(category: str, test: Test, draw: Draw) -> Iterator[Form]:
    """The one, or all, of a category that fail a test."""
    numbers: list[Number] = draw.shuffled([1, "all"])
    for number in numbers:
        yield Form((Group(Kind(category), (Not(test),), number=number),))


class NotLooking:
    """Such as "the cup that is not red", "the cups that are not striped"."""

    name = "negated attribute"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every category without the colour or material of one of its things."""
        for thing in shuffled(world, draw):
            tests: list[Test] = [Coloured(thing.colour), Made(thing.material)]
            for test in draw.shuffled(tests):
                yield from _without(thing.category, test, draw)


class NotHaving:
    """Such as "the cup without a red handle"."""

    name = "negated part"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every category without the coloured part of one of its things."""
        for thing in shuffled(world, draw):
            for accent in thing.accents:
                test = HasPart(accent.part, accent.colour)
                yield from _without(thing.category, test, draw)


class NotThere:
    """Such as "the lamp that is not on the floor", "everything that is not on the tray"."""

    name = "negated place"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every category, and everything, without what carries one of the things."""
        for thing in shuffled(world, draw):
            if not isinstance(thing.support, int):
                test: Test = Lies(thing.support)
            elif thing.support in world.index and names(thing.support, world):
                test = Related("on", a_name(thing.support, world, draw))
            else:
                continue
            yield from _without(thing.category, test, draw)
            if draw.chance(0.3):
                yield Form((Group(Anything(), (Not(test),), number="all"),))


@dataclass(frozen=True)
class NotRelated:
    """Such as "the cup that is not left of the lamp"; held out."""

    name: str = "negated relation"
    empty: bool = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every category without a relation that one of its things has."""
        marks = landmarks(world, draw)
        for thing in shuffled(world, draw):
            for mark in marks:
                for relation in draw.shuffled(usable(_RELATIONS, world)):
                    yes, _ = world.relation(relation)
                    if yes[world.index[thing.id], world.index[mark.id]]:
                        test = Related(relation, a_name(mark.id, world, draw))
                        yield from _without(thing.category, test, draw)


NEGATIONS = (NotLooking(), NotHaving(), NotThere(), NotRelated())
"""The constructions of negation."""
