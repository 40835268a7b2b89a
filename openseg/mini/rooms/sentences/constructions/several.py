"""Several targets: "all the chairs", "the two books", "the red cups and the lamp"."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from openseg.mini.rooms.sentences.constructions.relation import landmarks, related
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import (
    Anything,
    Coloured,
    Form,
    Group,
    Kind,
    Lies,
    Made,
    Related,
    Relation,
    Test,
)
from openseg.mini.rooms.sentences.meaning.naming import a_name, names, shuffled
from openseg.mini.rooms.sentences.meaning.truth import denote
from openseg.mini.rooms.sentences.meaning.world import World

_ALL_RELATIONS: tuple[Relation, ...] = (
    "left",
    "right",
    "behind",
    "front",
    "above",
    "under",
    "next",
)


def _kinds(world: World, draw: Draw) -> list[Group]:
    """Groups of a category, bare or with an attribute, of which there are two or more."""
    found = []
    for thing in shuffled(world, draw):
        kind = Kind(thing.category)
        choices: Sequence[tuple[Test, ...]] = [
            (), (), (Coloured(thing.colour),), (Made(thing.material),)
        ]  # fmt: skip
        group = Group(kind, draw.pick(choices))
        found += [group for group in (group, Group(kind)) if len(denote(group, world).yes) >= 2]
    return found


class All:
    """Such as "all the chairs", "the red cups"."""

    name = "all"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every category that is there twice."""
        for group in _kinds(world, draw):
            yield Form((replace(group, number="all"),))


class Counted:
    """Such as "the two books"."""

    name = "counted"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every category that is there twice, with its number."""
        for group in _kinds(world, draw):
            count = len(denote(group, world).yes)
            if count <= 10:
                yield Form((replace(group, number=count),))


class Union:
    """Such as "the red cup and the lamp", "the cups and the lamp"."""

    name = "union"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Pairs of things, or of a category and a thing; three now and then."""
        kinds = [replace(group, number="all") for group in _kinds(world, draw)]
        singles = [a_name(t.id, world, draw) for t in landmarks(world, draw)]
        pairs = [(a, b) for a in kinds[:3] for b in singles[:3]]
        pairs += [(a, b) for k, a in enumerate(singles) for b in singles[:k]]
        for first, second in draw.shuffled(pairs):
            yield Form((first, second))
            if len(singles) >= 3 and draw.chance(0.2):
                yield Form((first, second, draw.pick(singles)))


class Everything:
    """Such as "everything on the table", "all red things"."""

    name = "everything"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """All things that share what carries them, or a colour."""
        for thing in shuffled(world, draw):
            test: Test = Coloured(thing.colour)
            if isinstance(thing.support, int) and draw.chance(0.8):
                carriers = names(thing.support, world) if thing.support in world.index else []
                if not carriers:
                    continue
                test = Related("on", draw.pick(carriers))
            elif not isinstance(thing.support, int) and draw.chance(0.4):
                test = Lies(thing.support)
            yield Form((Group(Anything(), (test,), number="all"),))


class AllRelated:
    """Such as "the chairs left of the table", "everything behind the lamp"."""

    name = "all related"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """All things of a category, or of any, in relation to a landmark."""
        for form in related(world, draw, _ALL_RELATIONS):
            yield Form((replace(form.groups[0], number="all"),))


SEVERAL = (All(), Counted(), Union(), Everything(), AllRelated())
"""The constructions with several targets."""
