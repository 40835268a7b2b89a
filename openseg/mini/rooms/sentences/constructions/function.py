"""Functions: "something to sit on", "everything you can drink from", "a red thing to sit on"."""

from collections.abc import Iterator

from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import Coloured, Form, Group, Number, Use
from openseg.mini.rooms.sentences.meaning.naming import shuffled
from openseg.mini.rooms.sentences.meaning.world import World

_COLOURED = 0.2


class Function:
    """Such as "something to sit on"."""

    name = "function"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """A function of every thing, of one thing or of all that have it."""
        for thing in shuffled(world, draw):
            use = Use(draw.pick(thing.kind.functions))
            numbers: tuple[Number, ...] = (1, "all")
            for number in numbers:
                if draw.chance(_COLOURED):
                    yield Form((Group(use, (Coloured(thing.colour),), number=number),))
                yield Form((Group(use, number=number),))
