"""The checker: which things a logical form means in a world, by three-valued logic.

Every test says yes, no or open of each thing. A form that hinges on an open answer, on a near tie
or on a landmark that is not unique means nothing certain, and no sentence is made of it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.sentences.meaning.forms import (
    Anything,
    Between,
    ByDistance,
    Coloured,
    Extreme,
    Form,
    Group,
    HasPart,
    Kind,
    Lies,
    Made,
    Not,
    Noun,
    Nth,
    PartOf,
    Pick,
    Related,
    Sized,
    Test,
    Use,
)
from openseg.mini.rooms.sentences.meaning.geometry import Bools, between
from openseg.mini.rooms.sentences.meaning.likeness import MAY_BE_CALLED, MAY_SERVE
from openseg.mini.rooms.sentences.meaning.looks import (
    Answer,
    is_coloured,
    is_made,
    is_sized,
    part_is,
)
from openseg.mini.rooms.sentences.meaning.order import (
    by_distance,
    by_nearness,
    in_order,
    measures,
    winner,
)
from openseg.mini.rooms.sentences.meaning.world import World


@dataclass(frozen=True)
class Truth:
    """Of which things something is true, and of which it is open; it is false of all others."""

    yes: frozenset[int]
    open: frozenset[int] = frozenset()

    def __and__(self, other: "Truth") -> "Truth":
        possible = (self.yes | self.open) & (other.yes | other.open)
        yes = self.yes & other.yes
        return Truth(yes, possible - yes)


_NOTHING = Truth(frozenset())


def targets(form: Form, world: World) -> tuple[int, ...] | None:
    """The things a form means.

    Args:
        form: The form.
        world: What it speaks of.

    Returns:
        Their ids, ascending; () if there clearly are none; None if it is open or ambiguous, or if
        a group has not as many things as its number says.
    """
    ids: list[int] = []
    for group in form.groups:
        found = denote(group, world)
        if found.open:
            return None
        if not found.yes and len(form.groups) == 1:
            return ()
        if not _fits(len(found.yes), group):
            return None
        ids += found.yes
    if len(set(ids)) < len(ids):
        return None
    return tuple(sorted(ids)) if form.part is None else _with_part(form.part, sorted(ids), world)


def _fits(count: int, group: Group) -> bool:
    return count >= 2 if group.number == "all" else count == group.number


def _with_part(part: PartOf, ids: list[int], world: World) -> tuple[int, ...] | None:
    found = truth(HasPart(part.part, part.colour), world)
    if found.yes.issuperset(ids) and all(world.shows_part(id_, part.part) for id_ in ids):
        return tuple(ids)
    return () if found.yes.isdisjoint(ids) and found.open.isdisjoint(ids) else None


def denote(group: Group, world: World) -> Truth:
    """The things that a group means, whatever its number."""
    key = (group.noun, group.tests, group.pick)
    if key not in world.memo:
        found = _noun(group.noun, world)
        for test in group.tests:
            if not found.yes and not found.open:
                break
            found &= truth(test, world)
        seen = found.yes & world.clear
        found = Truth(seen, found.open | (found.yes - seen))
        world.memo[key] = found if group.pick is None else _picked(group.pick, found, world)
    result: Truth = world.memo[key]
    return result


def _noun(noun: Noun, world: World) -> Truth:
    if noun not in world.memo:
        match noun:
            case Kind(name):
                also = MAY_BE_CALLED.get(name, ())
                world.memo[noun] = _split(
                    world, lambda t: _rank(t.category == name, t.category in also)
                )
            case Use(key):
                may = MAY_SERVE[key]
                world.memo[noun] = _split(
                    world, lambda t: _rank(key in t.kind.functions, t.category in may)
                )
            case Anything():
                world.memo[noun] = Truth(frozenset(world.things))
    result: Truth = world.memo[noun]
    return result


def _rank(yes: bool, may_be: bool) -> Answer:
    return "yes" if yes else "open" if may_be else "no"


def _split(world: World, ask: Callable[[Thing], Answer]) -> Truth:
    answers = {id_: ask(thing) for id_, thing in world.things.items()}
    return Truth(
        frozenset(id_ for id_, answer in answers.items() if answer == "yes"),
        frozenset(id_ for id_, answer in answers.items() if answer == "open"),
    )


def truth(test: Test, world: World) -> Truth:
    """Of which things a test is true."""
    if test not in world.memo:
        world.memo[test] = _truth(test, world)
    result: Truth = world.memo[test]
    return result


def _truth(test: Test, world: World) -> Truth:
    match test:
        case Coloured() | Made() | Sized() | HasPart():
            return _split(world, lambda t: _answer(t, test, world))
        case Lies(ground):
            return Truth(frozenset(i for i, t in world.things.items() if t.support == ground))
        case Not(inner):
            found = truth(inner, world)
            return Truth(frozenset(world.things) - found.yes - found.open, found.open)
        case Related() | Between():
            return _relation(test, world)


def _relation(test: Related | Between, world: World) -> Truth:
    if isinstance(test, Related):
        at = the(test.landmark, world)
        if at is None:
            return _open(world)
        yes, no = (pairs[:, world.index[at]] for pairs in world.relation(test.relation))
        return _from_arrays(world, yes, no)
    first, second = the(test.first, world), the(test.second, world)
    if first is None or second is None or first == second:
        return _open(world)
    return _from_arrays(world, *between(world.space, world.index[first], world.index[second]))


def _answer(thing: Thing, test: Coloured | Made | Sized | HasPart, world: World) -> Answer:
    match test:
        case Coloured(colour):
            return is_coloured(thing, colour, world.shares(thing.id))
        case Made(material):
            return is_made(thing, material, world.shares(thing.id))
        case Sized(word):
            return is_sized(thing, word)
        case HasPart():
            return _has_part(thing, test, world)


def _has_part(thing: Thing, test: HasPart, world: World) -> Answer:
    if test.part not in thing.kind.parts:
        alike = any(part.rstrip("s") == test.part.rstrip("s") for part in thing.kind.parts)
        return "open" if alike else "no"
    answer: Answer = "yes" if test.colour is None else part_is(thing, test.part, test.colour)
    hidden = answer == "yes" and not world.shows_part(thing.id, test.part)
    return "open" if hidden else answer


def the(group: Group, world: World) -> int | None:
    """The one thing a landmark means; None if there is not exactly one."""
    found = denote(group, world)
    return next(iter(found.yes)) if len(found.yes) == 1 and not found.open else None


def _open(world: World) -> Truth:
    return Truth(frozenset(), frozenset(world.things))


def _ids(world: World, indices: Iterable[int]) -> frozenset[int]:
    return frozenset(world.ids[k] for k in indices)


def _from_arrays(world: World, yes: Bools, no: Bools) -> Truth:
    sure = _ids(world, np.flatnonzero(yes).tolist())
    return Truth(sure, _ids(world, np.flatnonzero(~no).tolist()) - sure)


def _picked(pick: Pick, found: Truth, world: World) -> Truth:
    """One of the things found; open unless they are certain, two or more, and far from a tie."""
    landmark = the(pick.landmark, world) if isinstance(pick, ByDistance) else None
    if isinstance(pick, ByDistance) and landmark is None:
        return _open(world)
    if found.open - {landmark}:
        return _open(world)
    candidates = [world.index[id_] for id_ in sorted(found.yes - {landmark})]
    if not candidates:
        return _NOTHING
    if len(candidates) < 2:
        return _open(world)
    if isinstance(pick, Nth):
        return _counted(pick, candidates, world)
    if isinstance(pick, Extreme):
        found_by = measures(world.space, pick.quality)
    else:
        by = by_nearness if pick.which == "nearest" else by_distance
        found_by = by(world.space, world.index[landmark or 0])
    best = winner(found_by, candidates)
    return _open(world) if best is None else Truth(_ids(world, [best]))


def _counted(pick: Nth, candidates: list[int], world: World) -> Truth:
    order = in_order(world.space, pick.side, candidates)
    if order is None:
        return _open(world)
    return Truth(_ids(world, order[pick.place - 1 : pick.place]))
