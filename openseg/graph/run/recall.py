"""Results that one window hands to the next: what is the same for all samples is computed once.

The embeddings of a vocabulary do not change from image to image. A batch is kept when several
samples of a window need each of it, or when the window before computed it too, and is forgotten
after the first window that does not need it. Only a whole batch is taken over: of one with other
samples in it the last bits may differ, and a window gives the same whatever came before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from openseg.graph.run.window import Outputs, Together

Key = tuple[str, ...]


class Recall:
    """Outputs of batches by the addresses of their tasks, over the border of two windows."""

    def __init__(self) -> None:
        self._known: dict[Key, Sequence[Outputs]] = {}
        self._next: dict[Key, Sequence[Outputs]] = {}
        self._seen: set[Key] = set()
        self._seen_next: set[Key] = set()

    def find(self, together: Together) -> Sequence[Outputs] | None:
        """What these tasks gave together, if the last window kept it."""
        key = _key(together)
        found = self._known.get(key)
        if found is not None:
            self._next[key] = found
        return found

    def learn(self, together: Together, outputs: Sequence[Outputs]) -> None:
        """Takes note of what tasks gave together."""
        key = _key(together)
        self._seen_next.add(key)
        if key in self._seen or all(task.samples > 1 for task in together):
            self._next[key] = outputs

    def turn(self) -> None:
        """Ends a window: what it did not use is forgotten."""
        self._known, self._next = self._next, {}
        self._seen, self._seen_next = self._seen_next, set()


def _key(together: Together) -> Key:
    return tuple(task.address for task in together)
