"""Between two landmarks: "the cup between the lamp and the book"; with colours it is held out."""

from collections.abc import Iterator
from dataclasses import dataclass

from openseg.mini.rooms.sentences.constructions.relation import landmarks, told_apart
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import Between as Test
from openseg.mini.rooms.sentences.meaning.forms import Coloured, Form, Group
from openseg.mini.rooms.sentences.meaning.geometry import between
from openseg.mini.rooms.sentences.meaning.naming import names
from openseg.mini.rooms.sentences.meaning.world import World


@dataclass(frozen=True)
class Between:
    """Things between two landmarks.

    Attributes:
        name: The construction's name.
        coloured: Whether both landmarks are said with their colours, or none.
    """

    name: str
    coloured: bool
    empty: bool = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every pair of landmarks with something between them."""
        marks = [(t, self._names(t.id, world)) for t in landmarks(world, draw)]
        marks = [(t, found) for t, found in marks if found]
        for k, (first, first_names) in enumerate(marks):
            for second, second_names in marks[:k]:
                yes, _ = between(world.space, world.index[first.id], world.index[second.id])
                for at in yes.nonzero()[0]:
                    test = Test(draw.pick(first_names), draw.pick(second_names))
                    yield from told_apart(world.things[world.ids[at]], test, draw)

    def _names(self, id_: int, world: World) -> list[Group]:
        return [
            group
            for group in names(id_, world)
            if any(isinstance(test, Coloured) for test in group.tests) == self.coloured
        ]


BETWEEN = (Between("between", coloured=False), Between("between coloured", coloured=True))
"""The constructions of "between"."""
