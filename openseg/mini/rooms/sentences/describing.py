"""Describes single things in words that may be more than it takes to tell them apart."""

from collections.abc import Sequence

from openseg.mini.rooms.held_out import parts_of
from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import Coloured, Made, Relation, Sized, Test
from openseg.mini.rooms.sentences.meaning.looks import part_colour
from openseg.mini.rooms.sentences.meaning.outline import shape_word
from openseg.mini.rooms.sentences.meaning.truth import truth
from openseg.mini.rooms.sentences.meaning.world import World
from openseg.mini.rooms.sentences.saying.nouns import MASS_PARTS, article, is_plural
from openseg.mini.rooms.sentences.saying.phrase import Phrase, fixed, noun


def certain_looks(thing: Thing, world: World) -> list[str]:
    """Size, colour and material of a thing, as far as they are certain, as adjectives in order."""
    tests: list[Test] = [Coloured(thing.colour), Made(thing.material)]
    if thing.size_word is not None:
        tests.insert(0, Sized(thing.size_word))
    return [str(test) for test in tests if thing.id in truth(test, world).yes]


def some_looks(thing: Thing, world: World, draw: Draw) -> list[str]:
    """The colour mostly, size and material now and then."""
    shares = {thing.colour: 0.9, str(thing.material): 0.35}
    return [word for word in certain_looks(thing, world) if draw.chance(shares.get(word, 0.25))]


def bare(name: str, adjectives: Sequence[str]) -> Phrase:
    """A category without an article: "small red cup"."""
    phrase = noun(name)
    for adjective in reversed(adjectives):
        phrase = phrase.led("amod", fixed(adjective))
    return phrase


def a_thing(name: str, adjectives: Sequence[str]) -> Phrase:
    """Such as "a small red cup", "red headphones"."""
    phrase = bare(name, adjectives)
    return phrase if is_plural(name) else phrase.led("det", fixed(article(phrase.words[0])))


def a_part(part: str, colour: str | None = None) -> str:
    """Such as "a handle", "a red handle", "red legs"."""
    said = f"{colour} {part}" if colour is not None else part
    return said if is_plural(part) or part in MASS_PARTS else f"{article(said)} {said}"


def sayable_parts(thing: Thing, world: World) -> list[str]:
    """The parts of a thing that can be seen and that its scene's split may name."""
    allowed = parts_of(world.scene.split)
    return [
        part
        for part in thing.kind.parts
        if (thing.category, part) in allowed and world.shows_part(thing.id, part)
    ]


def listed(texts: Sequence[str]) -> str:
    """Texts joined by "and"."""
    return " and ".join(texts)


def neighbours(thing: Thing, relation: Relation, world: World) -> list[Thing]:
    """The things that clearly stand in a relation to a thing and can be seen well."""
    yes, _ = world.relation(relation)
    ids = [world.ids[k] for k in yes[:, world.index[thing.id]].nonzero()[0]]
    return [world.things[id_] for id_ in ids if id_ in world.clear]


def place_of(thing: Thing, world: World) -> str | None:
    """What carries a thing: "the floor", "the red desk"; None if it cannot be seen."""
    if not isinstance(thing.support, int):
        return f"the {thing.support}"
    if thing.support not in world.clear:
        return None
    carrier = world.things[thing.support]
    looks = [word for word in certain_looks(carrier, world) if word == carrier.colour]
    return " ".join(["the", *looks, carrier.category])


def describe(thing: Thing, world: World) -> str:
    """All that is certain of a thing: size, shape, colour, material, parts and surroundings.

    Args:
        thing: The thing; it must be clearly seen.
        world: What it is part of.

    Returns:
        For example "a large tall red striped lamp with a blue base on the floor next to a chair".
    """
    looks = certain_looks(thing, world)
    shape = shape_word(thing)
    if shape is not None:
        looks.insert(1 if thing.size_word in looks else 0, shape)
    words = [a_thing(thing.category, looks).text]
    own = [accent.part for accent in thing.accents]
    colours = {part: shown for part in own if (shown := part_colour(thing, part)) is not None}
    parts = sayable_parts(thing, world)
    said = [a_part(part, colours[part]) for part in parts if part in colours]
    said = said or [a_part(part) for part in parts[:2]]
    words += [f"with {listed(said)}"] if said else []
    place = place_of(thing, world)
    words += [f"on {place}"] if place is not None else []
    near = neighbours(thing, "next", world)
    if near:
        nearest = min(near, key=lambda t: _distance(world, thing, t))
        colour = [word for word in certain_looks(nearest, world) if word == nearest.colour]
        words.append(f"next to {a_thing(nearest.category, colour).text}")
    return " ".join(words)


def _distance(world: World, one: Thing, other: Thing) -> float:
    """Distance between the middles of two things."""
    return float(world.space.distance[world.index[one.id], world.index[other.id]])
