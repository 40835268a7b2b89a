"""Ordinals in the picture: "the second chair from the left"; from the right it is held out."""

from collections.abc import Iterator
from dataclasses import dataclass

from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import (
    Anything,
    Coloured,
    Form,
    Group,
    Kind,
    Nth,
    Side,
)
from openseg.mini.rooms.sentences.meaning.naming import shuffled
from openseg.mini.rooms.sentences.meaning.truth import denote
from openseg.mini.rooms.sentences.meaning.world import World
from openseg.mini.rooms.sentences.saying.wording import PLACES


def rows(world: World, draw: Draw) -> Iterator[tuple[Group, int]]:
    """Groups of two or more things by category or colour, and how many they are."""
    for thing in shuffled(world, draw):
        by_kind = Group(Kind(thing.category))
        by_colour = Group(Anything(), (Coloured(thing.colour),))
        for group in (by_kind, by_colour):
            count = len(denote(group, world).yes)
            if count >= 2:
                yield group, count


@dataclass(frozen=True)
class Ordinal:
    """Things counted from a side.

    Attributes:
        name: The construction's name.
        side: Where counting begins.
        empty: Whether to ask for one more than there are.
    """

    name: str
    side: Side
    empty: bool = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every row of like things with every place in it."""
        if world.sight is None:
            return
        for group, count in rows(world, draw):
            places = [count + 1] if self.empty else draw.shuffled(range(1, count + 1))
            for place in places:
                if place <= len(PLACES):
                    yield Form((Group(group.noun, group.tests, Nth(place, self.side)),))


ORDINALS = (Ordinal("ordinal", "left"), Ordinal("ordinal from right", "right"))
"""The constructions of ordinals."""
