"""Distances in the room: "the cup nearest to the lamp", "the chair farthest from the door"."""

from collections.abc import Iterator

from openseg.mini.rooms.sentences.constructions.relation import landmarks
from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import (
    Anything,
    ByDistance,
    Coloured,
    Form,
    Kind,
    one,
)
from openseg.mini.rooms.sentences.meaning.naming import a_name, shuffled
from openseg.mini.rooms.sentences.meaning.world import World


class Distance:
    """Such as "the cup nearest to the lamp"."""

    name = "distance"
    empty = False

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Every category, or colour, with every landmark."""
        marks = landmarks(world, draw)
        for thing in shuffled(world, draw):
            for mark in draw.shuffled(marks):
                if mark.id == thing.id:
                    continue
                landmark = a_name(mark.id, world, draw)
                pick = ByDistance("nearest" if draw.chance(0.5) else "farthest", landmark)
                yield one(Kind(thing.category), pick=pick)
                yield one(Anything(), Coloured(thing.colour), pick=pick)
