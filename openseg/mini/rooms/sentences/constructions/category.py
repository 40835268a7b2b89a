"""A category alone: "the cup"."""

from collections.abc import Iterator

from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import Form, Kind, one
from openseg.mini.rooms.sentences.meaning.naming import shuffled
from openseg.mini.rooms.sentences.meaning.world import World


class Category:
    """Such as "the cup"."""

    name = "category"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every thing by its category."""
        for thing in shuffled(world, draw):
            yield one(Kind(thing.category))
