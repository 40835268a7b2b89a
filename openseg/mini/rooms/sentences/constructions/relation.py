"""Relations to one landmark: "the cup left of the lamp", "the book on the desk"."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import (
    FRAMES,
    Anything,
    Coloured,
    Form,
    Kind,
    Lies,
    Related,
    Relation,
    Test,
    one,
)
from openseg.mini.rooms.sentences.meaning.naming import a_name, names, shuffled
from openseg.mini.rooms.sentences.meaning.world import World

_GENERIC = 0.15


def usable(relations: Sequence[Relation], world: World) -> list[Relation]:
    """The relations that a world can have: without a picture, those of the world's frame."""
    if world.sight is not None:
        return list(relations)
    return [relation for relation in relations if FRAMES[relation] == "world"]


def landmarks(world: World, draw: Draw) -> list[Thing]:
    """The things that have a plain name, in random order."""
    return [t for t in shuffled(world, draw) if names(t.id, world)]


def told_apart(thing: Thing, test: Test, draw: Draw) -> Iterator[Form]:
    """A thing said with a test: by its category, or if that does not do, with its colour too."""
    if draw.chance(_GENERIC):
        yield one(Anything(), test)
    kind = Kind(thing.category)
    yield one(kind, test)
    yield one(kind, Coloured(thing.colour), test)


def related(world: World, draw: Draw, relations: Sequence[Relation]) -> Iterator[Form]:
    """Forms of things in relation to a landmark, a landmark and relation at random for each."""
    marks = landmarks(world, draw)
    names_of = usable(relations, world)
    for thing in shuffled(world, draw):
        for mark in draw.shuffled(marks):
            for relation in draw.shuffled(names_of):
                yes, _ = world.relation(relation)
                if yes[world.index[thing.id], world.index[mark.id]]:
                    landmark = a_name(mark.id, world, draw)
                    yield from told_apart(thing, Related(relation, landmark), draw)


@dataclass(frozen=True)
class Relations:
    """Relations of one kind.

    Attributes:
        name: The construction's name.
        relations: The relations.
    """

    name: str
    relations: tuple[Relation, ...]
    empty: bool = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every thing with the landmarks it has a relation to."""
        yield from related(world, draw, self.relations)


class OnGround:
    """Such as "the lamp on the floor"."""

    name = "on ground"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every thing that no other thing carries."""
        for thing in shuffled(world, draw):
            if not isinstance(thing.support, int):
                yield from told_apart(thing, Lies(thing.support), draw)


RELATIONS = (
    Relations("left or right", ("left", "right")),
    Relations("behind or in front", ("behind", "front")),
    Relations("above or under", ("above", "under")),
    Relations("on", ("on",)),
    Relations("next to", ("next",)),
    OnGround(),
)
"""The constructions of relations to one landmark or to the room."""
