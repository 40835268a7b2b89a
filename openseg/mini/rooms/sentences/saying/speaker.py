"""Choice between ways to say a thing, some of which only `test_unseen` hears."""

from dataclasses import dataclass

from openseg.mini.rooms.sentences.draw import Draw

_UNSEEN = 0.35


@dataclass(frozen=True)
class Ways:
    """Ways to say one thing.

    Attributes:
        seen: Those of all splits; one that stands twice is drawn twice as often.
        unseen: Those of `test_unseen` only.
    """

    seen: tuple[str, ...]
    unseen: tuple[str, ...] = ()


class Speaker:
    """Chooses the words of one sentence.

    Args:
        draw: Source of all chance.
        unseen: Whether it may use the held-out ways.

    Attributes:
        held_out: Whether it has used one.
    """

    def __init__(self, draw: Draw, unseen: bool) -> None:
        self.draw = draw
        self.held_out = False
        self._unseen = unseen

    def way(self, ways: Ways) -> str:
        """One of some ways."""
        if self._unseen and ways.unseen and self.draw.chance(_UNSEEN):
            self.held_out = True
            return self.draw.pick(ways.unseen)
        return self.draw.pick(ways.seen)
