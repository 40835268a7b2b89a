"""Parts: "the handle of the red cup", "the legs of the chairs", "the cup with the red handle"."""

from collections.abc import Iterator

from openseg.mini.rooms.sentences.constructions.relation import related
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import (
    Anything,
    Form,
    Group,
    HasPart,
    Kind,
    PartOf,
    one,
)
from openseg.mini.rooms.sentences.meaning.looks import part_colour
from openseg.mini.rooms.sentences.meaning.naming import a_name, names, shuffled
from openseg.mini.rooms.sentences.meaning.world import World
from openseg.mini.rooms.sentences.saying.nouns import MASS_PARTS


class Part:
    """Such as "the handle of the red cup"; now and then "the handle" if there is only one."""

    name = "part"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """A part of every thing that has a plain name."""
        for thing in shuffled(world, draw):
            part = PartOf(draw.pick(thing.kind.parts))
            if draw.chance(0.15):
                yield Form((Group(Anything(), (HasPart(part.part),)),), part)
            if names(thing.id, world):
                yield Form((a_name(thing.id, world, draw),), part)


class ColouredPart:
    """Such as "the red handle", "the red handle of the cup"."""

    name = "coloured part"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Parts of known colour, those with a colour of their own first."""
        things = shuffled(world, draw)
        things.sort(key=lambda t: not t.accents)
        for thing in things:
            own = [accent.part for accent in thing.accents]
            part = draw.pick(own or thing.kind.parts)
            colour = part_colour(thing, part)
            if colour is None:
                continue
            part_of = PartOf(part, colour)
            alone = Form((Group(Anything(), (HasPart(part, colour),)),), part_of)
            found = names(thing.id, world)
            owned = [Form((draw.pick(found),), part_of)] if found else []
            yield from draw.shuffled([alone, *owned])


class PartOfSeveral:
    """Such as "the legs of the chairs"."""

    name = "parts of several"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Parts that all things of a category show."""
        for thing in shuffled(world, draw):
            for part in draw.shuffled(thing.kind.parts):
                if part not in MASS_PARTS:
                    yield Form((Group(Kind(thing.category), number="all"),), PartOf(part))


class PartOfRelated:
    """Such as "the handle of the cup left of the lamp"; held out."""

    name = "part of related"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """A part of a thing that a relation sets apart."""
        for form in related(world, draw, ("left", "right", "on", "next")):
            kind = form.groups[0].noun
            if isinstance(kind, Kind):
                thing = next(t for t in world.things.values() if t.category == kind.category)
                yield Form(form.groups, PartOf(draw.pick(thing.kind.parts)))


class WithPart:
    """Such as "the cup with the red handle"."""

    name = "with part"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every thing that has a part of another colour."""
        for thing in shuffled(world, draw):
            for accent in thing.accents:
                yield one(Kind(thing.category), HasPart(accent.part, accent.colour))


PARTS = (Part(), ColouredPart(), PartOfSeveral(), PartOfRelated(), WithPart())
"""The constructions about parts."""
