"""Captions for a text-to-image model: what a picture shows, and where each noun is in it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from openseg.mini.rooms.scene import Scene, Thing
from openseg.mini.rooms.sentences.describing import a_thing, neighbours, some_looks
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import Group, Kind, Relation
from openseg.mini.rooms.sentences.meaning.sight import Sight
from openseg.mini.rooms.sentences.meaning.truth import denote
from openseg.mini.rooms.sentences.meaning.world import World
from openseg.mini.rooms.sentences.saying import asking, wording
from openseg.mini.rooms.sentences.saying.nouns import plural_of
from openseg.mini.rooms.sentences.saying.phrase import Phrase, fixed, noun
from openseg.mini.rooms.sentences.saying.speaker import Speaker

_MOST = 4
_TRIES = 6
_RELATIONS: tuple[Relation, ...] = ("left", "right", "behind", "front", "above", "on", "next")


@dataclass(frozen=True)
class Mention:
    """A noun in a caption.

    Attributes:
        start: Index of its first word.
        end: Index after its last word.
        ids: The things it stands for.
    """

    start: int
    end: int
    ids: tuple[int, ...]


@dataclass(frozen=True)
class Caption:
    """What a picture shows.

    Attributes:
        text: Lower case, no punctuation; words are separated by blanks.
        mentions: Its nouns, in order.
        held_out: Whether it begins in a way that only `test_unseen` hears.
    """

    text: str
    mentions: tuple[Mention, ...]
    held_out: bool


Piece = tuple[Phrase, tuple[int, ...]]
"""Words, and the things that their root stands for."""


def captions(
    scene: Scene, sight: Sight | None, rng: np.random.Generator, n: int = 1
) -> list[Caption]:
    """Makes captions of a picture.

    Args:
        scene: The scene. It has no colour-category pair that its split may not name.
        sight: What the picture shows; None for captions of the scene itself.
        rng: Source of all chance.
        n: How many.

    Returns:
        At most `n` captions, no text twice; none if nothing is clearly seen.
    """
    world, draw = World(scene, sight), Draw(rng)
    if not world.clear:
        return []
    shown = scene.room.layout if scene.room.layout in asking.PLACES_SHOWN else "room"
    made: dict[str, Caption] = {}
    for _ in range(n * _TRIES):
        if len(made) == n:
            break
        pieces = draw.pick(_MAKERS)(world, draw)
        if pieces:
            speaker = Speaker(draw, scene.split == "test_unseen")
            intro = speaker.way(asking.PLACES_SHOWN[shown])
            caption = _joined([(fixed(intro), ()), *pieces] if intro else pieces, speaker.held_out)
            made.setdefault(caption.text, caption)
    return list(made.values())


def _joined(pieces: Iterable[Piece], held_out: bool) -> Caption:
    words: list[str] = []
    mentions = []
    for phrase, ids in pieces:
        if ids:
            start, end = phrase.head_span
            mentions.append(Mention(len(words) + start, len(words) + end, ids))
        words += phrase.words
    return Caption(" ".join(words), tuple(mentions), held_out)


def _single(thing: Thing, world: World, draw: Draw) -> Piece:
    return a_thing(thing.category, some_looks(thing, world, draw)), (thing.id,)


def _listed(things: Iterable[Thing], world: World, draw: Draw) -> list[Piece]:
    """Things joined by "and"; those of one category are counted now and then."""
    pieces: list[Piece] = []
    left = list(things)
    while left:
        thing = left.pop(0)
        alike = denote(Group(Kind(thing.category)), world)
        mine = [thing, *(t for t in left if t.category == thing.category)]
        if len(mine) > 1 and len(mine) == len(alike.yes) and draw.chance(0.6):
            left = [t for t in left if t.category != thing.category]
            plural = noun(plural_of(thing.category))
            number = fixed(wording.NUMBERS[len(mine)])
            piece = plural.led("num", number), tuple(sorted(t.id for t in mine))
        else:
            piece = _single(thing, world, draw)
        pieces += [(fixed("and"), ()), piece] if pieces else [piece]
    return pieces


def _some(world: World, draw: Draw) -> list[Piece]:
    """A few things that are seen: "a red chair and two lamps"."""
    things = draw.shuffled([world.things[id_] for id_ in sorted(world.clear)])
    return _listed(things[: draw.pick(range(1, _MOST + 1))], world, draw)


def _carried(world: World, draw: Draw) -> list[Piece]:
    """What stands on a thing: "a cup and a plate on a wooden desk"."""
    carriers = sorted({t.support for t in world.things.values() if isinstance(t.support, int)})
    carriers = [id_ for id_ in carriers if id_ in world.clear]
    if not carriers:
        return []
    carrier = world.things[draw.pick(carriers)]
    things = neighbours(carrier, "on", world)
    if not things:
        return []
    pieces = _listed(draw.shuffled(things)[:_MOST], world, draw)
    return [*pieces, (fixed("on"), ()), _single(carrier, world, draw)]


def _related(world: World, draw: Draw) -> list[Piece]:
    """Two things in a relation: "a red cup left of a lamp"."""
    relation = draw.pick(_RELATIONS if world.sight is not None else ("above", "on", "next"))
    words = draw.pick(wording.RELATION[relation].seen)
    for mark in draw.shuffled([world.things[id_] for id_ in sorted(world.clear)]):
        near = neighbours(mark, relation, world)
        if near:
            first = _single(draw.pick(near), world, draw)
            return [first, (fixed(words), ()), _single(mark, world, draw)]
    return []


_MAKERS: tuple[Callable[[World, Draw], list[Piece]], ...] = (_some, _carried, _related)
