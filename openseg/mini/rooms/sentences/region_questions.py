"""Questions about one region, by kind; yes-no questions come in pairs, one of each answer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.held_out import pairs_of
from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.sentences.describing import (
    a_part,
    a_thing,
    certain_looks,
    describe,
    listed,
    neighbours,
    place_of,
    sayable_parts,
)
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import Coloured, Made, Relation
from openseg.mini.rooms.sentences.meaning.likeness import MAY_BE_CALLED, MAY_SERVE
from openseg.mini.rooms.sentences.meaning.looks import part_colour
from openseg.mini.rooms.sentences.meaning.naming import a_name, names
from openseg.mini.rooms.sentences.meaning.outline import shape_word
from openseg.mini.rooms.sentences.meaning.truth import truth
from openseg.mini.rooms.sentences.meaning.world import World
from openseg.mini.rooms.sentences.saying import wording
from openseg.mini.rooms.sentences.saying.clauses import name_of
from openseg.mini.rooms.sentences.saying.nouns import agreed, is_plural
from openseg.mini.rooms.vocabulary import COLOURS, FUNCTIONS, MATERIALS, Material

OPPOSITES: tuple[tuple[Relation, Relation], ...] = (("left", "right"), ("behind", "front"))


@dataclass(frozen=True)
class Asked:
    """What is asked and answered, before the words are chosen.

    Attributes:
        kind: Key of `QUESTIONS`.
        answer: The answer.
        slots: What is filled into the question.
        pairs: The (colour, category) pairs that question and answer name together.
        parts: The (category, part) pairs.
    """

    kind: str
    answer: str
    slots: dict[str, str] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, str], ...] = ()


def _looks(thing: Thing, world: World, _draw: Draw) -> list[Asked]:
    """Category, colour, material, size and shape, as far as they are certain."""
    looks = certain_looks(thing, world)
    asked = [Asked("category", a_thing(thing.category, []).text)]
    if thing.colour in looks:
        own = ((thing.colour, thing.category),)
        asked.append(Asked("colour", thing.colour, pairs=own))
    asked += [Asked("material", thing.material)] if thing.material in looks else []
    asked += [Asked("size", thing.size_word)] if thing.size_word is not None else []
    shape = shape_word(thing)
    return asked + ([Asked("shape", shape)] if shape is not None else [])


def _description(thing: Thing, world: World, _draw: Draw) -> list[Asked]:
    return [Asked("describe", describe(thing, world), pairs=((thing.colour, thing.category),))]


def _parts(thing: Thing, world: World, draw: Draw) -> list[Asked]:
    """Its parts, and the colour of one."""
    parts = sayable_parts(thing, world)
    shown = [p for p in thing.kind.parts if world.shows_part(thing.id, p)]
    asked = []
    if len(parts) >= 2 and parts == shown:
        said = tuple((thing.category, part) for part in parts)
        asked.append(Asked("parts", listed([a_part(part) for part in parts]), parts=said))
    known = [part for part in parts if part_colour(thing, part) is not None]
    if known:
        part = draw.pick(known)
        slots = {"part": part, "are": agreed("{is}", is_plural(part))}
        slots["do"] = agreed("{does}", is_plural(part))
        colour = part_colour(thing, part) or ""
        asked.append(Asked("part colour", colour, slots, parts=((thing.category, part),)))
    return asked


def _surroundings(thing: Thing, world: World, draw: Draw) -> list[Asked]:
    """What carries it, what it carries, what alone stands in a relation to it."""
    place = place_of(thing, world)
    asked = [Asked("place", place)] if place is not None else []
    carried = neighbours(thing, "on", world)
    all_seen = all(t.id in world.clear for t in world.things.values() if t.support == thing.id)
    if thing.kind.holds and all_seen:
        said = [a_thing(t.category, _colour(t, world)).text for t in carried]
        asked.append(Asked("carried", listed(said) if said else "nothing"))
    relations: Sequence[Relation] = ("left", "right", "behind", "front", "next", "above", "under")
    for relation in draw.shuffled(relations if world.sight is not None else relations[-3:]):
        yes, no = world.relation(relation)
        column = world.index[thing.id]
        found = yes[:, column].nonzero()[0]
        if len(found) == 1 and no[:, column].sum() == len(no) - 1:
            other = world.things[world.ids[found[0]]]
            if other.id in world.clear:
                words = draw.pick(wording.RELATION[relation].seen)
                answer = a_thing(other.category, _colour(other, world)).text
                asked.append(Asked("surroundings", answer, {"relation": words}))
                break
    return asked


def _colour(thing: Thing, world: World) -> list[str]:
    return [word for word in certain_looks(thing, world) if word == thing.colour]


def _function(thing: Thing, _world: World, _draw: Draw) -> list[Asked]:
    uses = [_use(key) for key in thing.kind.functions if key != "instruct"]
    return [Asked("function", listed(uses))] if uses else []


def _use(key: str) -> str:
    return FUNCTIONS[key].removeprefix("something ")


def other_colours(thing: Thing, world: World) -> list[str]:
    """Colours that a thing certainly does not have and that its split may ask for.

    Those of other things in the scene stand in the list twice.
    """
    allowed = [c for c in COLOURS if (c, thing.category) in pairs_of(world.scene.split)]
    around = sorted({t.colour for t in world.things.values()} & set(allowed))
    return [c for c in allowed + around if not _may_be(thing, Coloured(c), world)]


def _may_be(thing: Thing, test: Coloured | Made, world: World) -> bool:
    found = truth(test, world)
    return thing.id in found.yes or thing.id in found.open


def _other_materials(thing: Thing, world: World) -> list[Material]:
    return [m for m in MATERIALS if not _may_be(thing, Made(m), world)]


def _other_categories(thing: Thing, world: World) -> list[str]:
    """Categories that nobody would call a thing; those in the scene are twice as likely."""
    around = [t.category for t in world.things.values()] * 4
    return [
        name
        for name in [c.name for c in CATEGORIES] + around
        if name != thing.category and thing.category not in MAY_BE_CALLED.get(name, ())
    ]


def _is(thing: Thing, world: World, draw: Draw) -> list[Asked]:
    """Yes-no and choice questions about colour, material and category."""
    looks, asked = certain_looks(thing, world), []
    colours, materials = other_colours(thing, world), _other_materials(thing, world)
    if thing.colour in looks and colours:
        other = draw.pick(colours)
        pairs = [((c, thing.category),) for c in (thing.colour, other)]
        asked.append(Asked("is colour", "yes", {"word": thing.colour}, pairs[0]))
        asked.append(Asked("is colour", "no", {"word": other}, pairs[1]))
        other = draw.pick(colours)
        own, two = thing.colour, draw.shuffled([thing.colour, other])
        both = ((own, thing.category), (other, thing.category))
        asked.append(Asked("choose colour", own, dict(zip("ab", two, strict=True)), both))
    if thing.material in looks and materials:
        other = draw.pick(materials)
        asked.append(Asked("is material", "yes", {"word": thing.material}))
        asked.append(Asked("is material", "no", {"word": other}))
        made = draw.shuffled([str(thing.material), str(draw.pick(materials))])
        asked.append(Asked("choose material", thing.material, dict(zip("ab", made, strict=True))))
    own, other, third = (
        a_thing(name, []).text
        for name in (thing.category, *(draw.pick(_other_categories(thing, world)) for _ in "ab"))
    )
    asked.append(Asked("is category", "yes", {"word": own}))
    asked.append(Asked("is category", "no", {"word": other}))
    kinds = draw.shuffled([own, third])
    asked.append(Asked("choose category", own, dict(zip("ab", kinds, strict=True))))
    return asked


def _has(thing: Thing, world: World, draw: Draw) -> list[Asked]:
    """Whether it has a part, whether it has a function."""
    asked = []
    mine = sayable_parts(thing, world)
    stems = {part.rstrip("s") for part in thing.kind.parts}
    around = [p for t in world.things.values() for p in t.kind.parts if p.rstrip("s") not in stems]
    if mine and around:
        for part, answer in ((draw.pick(mine), "yes"), (draw.pick(around), "no")):
            named = ((thing.category, part),)
            asked.append(Asked("has part", answer, {"part": a_part(part)}, parts=named))
    not_for = [
        key
        for key in FUNCTIONS
        if key not in thing.kind.functions and thing.category not in MAY_SERVE[key]
    ]
    for keys, answer in ((list(thing.kind.functions), "yes"), (not_for, "no")):
        asked.append(Asked("has function", answer, {"use": _use(draw.pick(keys))}))
    return asked


def _is_related(thing: Thing, world: World, draw: Draw) -> list[Asked]:
    """Whether it is left of another thing, and which of two opposites it is."""
    if world.sight is None:
        return []
    marks = [id_ for id_ in sorted(world.clear - {thing.id}) if names(id_, world)]
    for mark in draw.shuffled(marks):
        row, column = world.index[thing.id], world.index[mark]
        for one, other in draw.shuffled(OPPOSITES):
            for true, false in draw.shuffled(((one, other), (other, one))):
                if world.relation(true)[0][row, column] and world.relation(false)[1][row, column]:
                    landmark = name_of(a_name(mark, world, draw)).text
                    words = {r: wording.RELATION[r].seen[0] for r in (true, false)}
                    slots = {"thing": landmark}
                    two = draw.shuffled([words[true], words[false]])
                    return [
                        Asked("is related", "yes", slots | {"relation": words[true]}),
                        Asked("is related", "no", slots | {"relation": words[false]}),
                        Asked(
                            "choose relation",
                            words[true].removesuffix(" of"),
                            slots | {"a": two[0].removesuffix(" of"), "b": two[1]},
                        ),
                    ]
    return []


REGION_QUESTIONS: tuple[Callable[[Thing, World, Draw], list[Asked]], ...] = (
    _looks,
    _description,
    _parts,
    _surroundings,
    _function,
    _is,
    _has,
    _is_related,
)
"""Makers of questions about a region."""
