"""What a construction is: a name and a way to propose logical forms for a world.

Words come from `saying`, truth from `meaning.truth`: a construction may propose forms that are
false or ambiguous, they are dropped.
"""

from collections.abc import Iterator
from typing import Protocol

from openseg.mini.rooms.sentences.draw import Draw
from openseg.mini.rooms.sentences.meaning.forms import Form
from openseg.mini.rooms.sentences.meaning.world import World


class Construction(Protocol):
    """A kind of sentence."""

    @property
    def name(self) -> str:
        """Its name in tags and tables."""

    @property
    def empty(self) -> bool:
        """Whether its sentences must mean nothing; all others must mean something."""

    def propose(self, world: World, draw: Draw) -> Iterator[Form]:
        """Yields forms in random order, the more useful ones first; it may yield none.

        Args:
            world: What there is.
            draw: Source of all chance.
        """
