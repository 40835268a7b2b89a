"""Plain names of single things: descriptions by looks that mean nothing else in a world."""

from collections.abc import Iterator

from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import Coloured, Group, Kind, Made, Sized
from openseg.mini.rooms.sentences.meaning.truth import the
from openseg.mini.rooms.sentences.meaning.world import World

_RIVALS_FIRST = 0.7
_SHORT = 0.5


def descriptions(thing: Thing) -> Iterator[Group]:
    """Groups that are true of a thing, short ones first."""
    kind, colour, made = Kind(thing.category), Coloured(thing.colour), Made(thing.material)
    yield Group(kind)
    yield Group(kind, (colour,))
    yield Group(kind, (made,))
    if thing.size_word is not None:
        yield Group(kind, (Sized(thing.size_word),))
        yield Group(kind, (Sized(thing.size_word), colour))
    yield Group(kind, (colour, made))


def names(id_: int, world: World) -> list[Group]:
    """The descriptions by looks that mean one thing and nothing else, short ones first."""
    key = ("names", id_)
    if key not in world.memo:
        groups = descriptions(world.things[id_])
        world.memo[key] = [group for group in groups if the(group, world) == id_]
    found: list[Group] = world.memo[key]
    return found


def a_name(id_: int, world: World, draw: Draw) -> Group:
    """One of a thing's names, mostly the shortest; it must have one."""
    found = names(id_, world)
    return found[0] if draw.chance(_SHORT) else draw.pick(found)


def shuffled(world: World, draw: Draw) -> list[Thing]:
    """The things that may be spoken of in random order, mostly those that have rivals first.

    A rival is of the same category: only then does a sentence need more than the category.
    """
    things = draw.shuffled([world.things[id_] for id_ in world.ids if id_ in world.clear])
    if draw.chance(_RIVALS_FIRST):
        categories = [t.category for t in things]
        things.sort(key=lambda t: categories.count(t.category) == 1)
    return things
