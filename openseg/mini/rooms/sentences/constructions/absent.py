"""No target: plausible descriptions of which nothing is true, one word away from a true one."""

from collections.abc import Iterator, Sequence

from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.sentences.constructions.ordinal import Ordinal
from openseg.mini.rooms.sentences.constructions.relation import landmarks, usable
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import (
    Coloured,
    Form,
    Group,
    HasPart,
    Kind,
    Lies,
    Made,
    Not,
    Number,
    PartOf,
    Related,
    Relation,
    Sized,
    Test,
    Use,
    one,
)
from openseg.mini.rooms.sentences.meaning.naming import a_name, names, shuffled
from openseg.mini.rooms.sentences.meaning.world import World
from openseg.mini.rooms.vocabulary import COLOURS, FUNCTIONS, MATERIALS, SizeWord

_RELATIONS: tuple[Relation, ...] = (
    "left", "right", "behind", "front", "above", "under", "on", "next"
)  # fmt: skip
_SIZES: tuple[SizeWord, ...] = ("small", "large")
_ABSENT = 12


def _other_kinds(world: World, draw: Draw) -> Iterator[Kind]:
    """Categories that are not there, those that would fit on what is there first."""
    there = {t.category for t in world.things.values()}
    fits = [
        c
        for c in draw.shuffled(CATEGORIES)[: 2 * _ABSENT]
        if c.name not in there
    ]  # fmt: skip
    places = {place for t in world.things.values() for place in t.kind.places}
    fits.sort(key=lambda c: places.isdisjoint(c.places))
    for c in fits[:_ABSENT]:
        yield Kind(c.name)


class AbsentCategory:
    """Such as "the cup" where there is none; sometimes "the red cup"."""

    name = "absent category"
    empty = True

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Categories that are not there, bare or with a colour that is."""
        colours = [t.colour for t in shuffled(world, draw)]
        for kind in _other_kinds(world, draw):
            coloured = colours and draw.chance(0.4)
            yield one(kind, Coloured(draw.pick(colours))) if coloured else one(kind)


class AbsentColour:
    """Such as "the blue cup", "the blue cups" where all cups have other colours."""

    name = "absent colour"
    empty = True

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every category with a colour it does not have, often one of another thing."""
        there = [t.colour for t in world.things.values()]
        for thing in shuffled(world, draw):
            pool = there if draw.chance(0.7) else list(COLOURS)
            tests: tuple[Test, ...] = (Coloured(draw.pick(pool)),)
            yield Form((Group(Kind(thing.category), tests, number=_one_or_all(draw)),))


class AbsentAttribute:
    """Such as "the striped cup", "the small cup" where no cup is."""

    name = "absent attribute"
    empty = True

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every thing with another material or size than it has."""
        for thing in shuffled(world, draw):
            colour = [Coloured(thing.colour)] if draw.chance(0.4) else []
            if draw.chance(0.6):
                made = Made(draw.pick(MATERIALS))
                yield one(Kind(thing.category), *colour, made)
            else:
                yield one(Kind(thing.category), Sized(_opposite(thing, draw)), *colour)


def _opposite(thing: Thing, draw: Draw) -> SizeWord:
    if thing.size_word is None:
        return draw.pick(_SIZES)
    return "large" if thing.size_word == "small" else "small"


class AbsentPart:
    """Such as "the blue handle", "the handle of the blue cup", "the cup with a blue handle"."""

    name = "absent part"
    empty = True

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every thing's parts with a colour that they, or the thing, do not have."""
        for thing in shuffled(world, draw):
            kind, colour = Kind(thing.category), draw.pick(list(COLOURS))
            part = draw.pick(thing.kind.accents or thing.kind.parts)
            way = draw.unit()
            if way < 0.35:
                yield Form((Group(kind, (Coloured(colour),)),), PartOf(part))
            elif way < 0.65:
                yield one(kind, HasPart(part, colour))
            elif found := names(thing.id, world):
                yield Form((draw.pick(found),), PartOf(part, colour))


class AbsentRelation:
    """Such as "the cup left of the lamp" where all cups are elsewhere."""

    name = "absent relation"
    empty = True

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every category with landmarks it has another relation to."""
        marks = landmarks(world, draw)
        relations = usable(_RELATIONS, world)
        for thing in shuffled(world, draw):
            if draw.chance(0.1):
                yield one(Kind(thing.category), Lies(draw.pick(("floor", "wall"))))
            for mark in draw.shuffled([m for m in marks if m.id != thing.id])[:2]:
                relation = draw.pick(relations)
                if relation == "on" and not thing.kind.may_stand_on(mark.kind):
                    continue
                test = Related(relation, a_name(mark.id, world, draw))
                tests: Sequence[Test] = (
                    (Coloured(thing.colour), test) if draw.chance(0.3) else (test,)
                )
                yield one(Kind(thing.category), *tests)


class AbsentFunction:
    """Such as "something to sit on" where nothing is for it."""

    name = "absent function"
    empty = True

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """All functions."""
        for key in draw.shuffled(list(FUNCTIONS)):
            yield Form((Group(Use(key), number=_one_or_all(draw)),))


class AbsentNegation:
    """Such as "the cup that is not red" where all cups are red."""

    name = "absent negation"
    empty = True

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every category without a look that all of it have."""
        for thing in shuffled(world, draw):
            tests: list[Test] = [Coloured(thing.colour), Made(thing.material)]
            if not isinstance(thing.support, int):
                tests.append(Lies(thing.support))
            yield one(Kind(thing.category), Not(draw.pick(tests)))


def _one_or_all(draw: Draw) -> Number:
    return "all" if draw.chance(0.3) else 1


ABSENT = (
    AbsentCategory(),
    AbsentColour(),
    AbsentAttribute(),
    AbsentPart(),
    AbsentRelation(),
    AbsentFunction(),
    AbsentNegation(),
    Ordinal("absent ordinal", "left", empty=True),
)
"""The constructions without a target."""
