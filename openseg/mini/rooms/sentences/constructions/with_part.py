"""Things told apart by a part: "the cup with the red handle"."""

from collections.abc import Iterator

from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import Form, HasPart, Kind, one
from openseg.mini.rooms.sentences.meaning.naming import shuffled
from openseg.mini.rooms.sentences.meaning.world import World


class WithPart:
    """Such as "the cup with the red handle"."""

    name = "with part"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every thing that has a part of another colour."""
        for thing in shuffled(world, draw):
            for accent in thing.accents:
                yield one(Kind(thing.category), HasPart(accent.part, accent.colour))
