"""Results that one window hands to the next: what is the same for all samples is computed once.

The embeddings of a vocabulary do not change from image to image. A result is kept when several
samples of a window need it, or when the window before needed it too, and is forgotten after the
first window that does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from openseg.graph.run.window import Task


class Recall:
    """Outputs of tasks by node address, over the border of two windows."""

    def __init__(self) -> None:
        self._known: dict[str, Mapping[str, Any]] = {}
        self._next: dict[str, Mapping[str, Any]] = {}
        self._seen: set[str] = set()
        self._seen_next: set[str] = set()

    def find(self, address: str) -> Mapping[str, Any] | None:
        """The outputs with that address, if the last window kept them."""
        found = self._known.get(address)
        if found is not None:
            self._next[address] = found
        return found

    def learn(self, task: Task, outputs: Mapping[str, Any]) -> None:
        """Takes note of what a task gave."""
        self._seen_next.add(task.address)
        if task.samples > 1 or task.address in self._seen:
            self._next[task.address] = outputs

    def turn(self) -> None:
        """Ends a window: what it did not use is forgotten."""
        self._known, self._next = self._next, {}
        self._seen, self._seen_next = self._seen_next, set()
