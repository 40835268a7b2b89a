"""Questions about a whole picture, by kind; yes-no questions come in pairs, one of each answer."""

from collections.abc import Callable

import numpy as np

from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.held_out import pairs_of
from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.sentences.describing import a_thing, bare, certain_looks
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import Coloured, Group, Kind, Use
from openseg.mini.rooms.sentences.meaning.geometry import Floats
from openseg.mini.rooms.sentences.meaning.naming import a_name, names, shuffled
from openseg.mini.rooms.sentences.meaning.truth import Truth, denote, the
from openseg.mini.rooms.sentences.meaning.world import World
from openseg.mini.rooms.sentences.region_questions import Asked, other_colours
from openseg.mini.rooms.sentences.saying import wording
from openseg.mini.rooms.sentences.saying.clauses import name_of
from openseg.mini.rooms.sentences.saying.nouns import is_plural, plural_of
from openseg.mini.rooms.vocabulary import FUNCTIONS

_LARGER = 1.8
_NOTHING = Truth(frozenset())


def _counts(world: World, draw: Draw) -> list[Asked]:
    """How many things of a category there are; zero now and then."""
    here = [t.category for t in shuffled(world, draw)]
    name = draw.pick(CATEGORIES).name if draw.chance(0.1) else draw.pick(here)
    found = denote(Group(Kind(name)), world)
    if found.open or len(found.yes) >= len(wording.NUMBERS):
        return []
    number = wording.NUMBERS[len(found.yes)]
    return [Asked("count", number, {"things": plural_of(name)})]


def _uses(world: World, draw: Draw) -> list[Asked]:
    """What alone has a function."""
    for thing in shuffled(world, draw):
        key = draw.pick(thing.kind.functions)
        if key != "instruct" and the(Group(Use(key)), world) == thing.id:
            looks = [w for w in certain_looks(thing, world) if w == thing.colour]
            looks = looks if draw.chance(0.5) else []
            answer = f"the {bare(thing.category, looks).text}"
            use = FUNCTIONS[key].removeprefix("something ")
            pairs = ((thing.colour, thing.category),) if looks else ()
            return [Asked("use", answer, {"use": use}, pairs)]
    return []


def _is_there(world: World, draw: Draw) -> list[Asked]:
    """Whether there is something of a colour and category: one that is, one that is not."""
    things = [t for t in shuffled(world, draw) if not is_plural(t.category)]
    for thing in things:
        group = Group(Kind(thing.category), (Coloured(thing.colour),))
        if thing.id not in denote(group, world).yes:
            continue
        absent = _absent(thing, world, draw)
        if absent is not None:
            asked = []
            for colour, name, answer in ((thing.colour, thing.category, "yes"), (*absent, "no")):
                slots = {"thing": a_thing(name, [colour]).text}
                asked.append(Asked("is there", answer, slots, ((colour, name),)))
            return asked
    return []


def _absent(thing: Thing, world: World, draw: Draw) -> tuple[str, str] | None:
    """A (colour, category) that is not there, one word away from one that is."""
    for _ in range(4):
        name = thing.category if draw.chance(0.5) else draw.pick(CATEGORIES).name
        colours = other_colours(thing, world) if name == thing.category else [thing.colour]
        if not colours or is_plural(name):
            continue
        colour = draw.pick(colours)
        allowed = name == thing.category or (colour, name) in pairs_of(world.scene.split)
        if allowed and denote(Group(Kind(name), (Coloured(colour),)), world) == _NOTHING:
            return colour, name
    return None


def _larger(world: World, draw: Draw) -> list[Asked]:
    """Which of two things is clearly larger, in the world and in the picture."""
    things = [t for t in shuffled(world, draw) if names(t.id, world)]
    for k, one in enumerate(things):
        for other in things[:k]:
            ratio = _sizes(one, world) / _sizes(other, world)
            if np.all(ratio > _LARGER) or np.all(ratio < 1 / _LARGER):
                said = [name_of(a_name(t.id, world, draw)).text for t in (one, other)]
                answer = said[0] if ratio[0] > 1 else said[1]
                two = draw.shuffled(said)
                return [Asked("choose larger", answer, dict(zip("ab", two, strict=True)))]
    return []


def _sizes(thing: Thing, world: World) -> Floats:
    """Mean length in the world and in the picture, [2]."""
    length = float(np.cbrt(np.prod(thing.extent)))
    if world.sight is None:
        return np.array([length, length])
    x0, y0, x1, y1 = world.space.boxes[world.index[thing.id]]
    return np.array([length, np.sqrt((x1 - x0) * (y1 - y0))])


PICTURE_QUESTIONS: tuple[Callable[[World, Draw], list[Asked]], ...] = (
    _counts,
    _uses,
    _is_there,
    _larger,
)
"""Makers of questions about a whole picture."""
