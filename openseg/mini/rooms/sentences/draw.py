"""Chance for the sentences: few calls to a NumPy generator, many draws."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

T = TypeVar("T")

_BLOCK = 256


class Draw:
    """Draws from sequences.

    Args:
        rng: Source of all chance; it is read in blocks, which is much faster than call by call.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._units: list[float] = []

    def unit(self) -> float:
        """A number in [0, 1)."""
        if not self._units:
            self._units = self._rng.random(_BLOCK).tolist()
        return self._units.pop()

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.unit() < probability

    def pick(self, items: Sequence[T]) -> T:
        """One of some items; there must be one."""
        return items[int(self.unit() * len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in random order."""
        mixed = list(items)
        for k in range(len(mixed) - 1, 0, -1):
            other = int(self.unit() * (k + 1))
            mixed[k], mixed[other] = mixed[other], mixed[k]
        return mixed
