"""How many samples fit into the memory that is free, by what earlier calls of the same node took.

Where memory suffices nothing changes: a call gets what it is given, a node's first call in a batch
at most `FIRST` samples. So the calls of a window, and with them its last bits, depend on other
windows only where memory is short; there, as after running out of it, results are the same up to
rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

FIRST = 8
"""Samples that are tried before it is known what one takes; the default of `--batch`."""

SHARE = 0.8
"""The part of the free memory that a call may take: samples differ."""

SMALL = 64 << 20
"""Calls that took no more bytes are not worth asking what is free."""


class Fit:
    """What a sample of one node takes.

    Args:
        read: The most bytes ever held, and those held now; of the process or of its GPU.
        free: Bytes that are free, None where it cannot be told.
    """

    def __init__(self, read: Callable[[], tuple[int, int]], free: Callable[[], int | None]) -> None:
        self._read = read
        self._free = free
        self._each: float | None = None
        self._least: int | None = None

    @contextmanager
    def measured(self, count: int) -> Iterator[None]:
        """Learns from a call with so many samples; one that fails teaches nothing.

        A call that stays below the record took at most what lies between: that bound is taken
        until a call raises the record and is measured itself.
        """
        record, before = self._read()
        yield
        peak, _ = self._read()
        each = max(0, peak - before) / count
        if peak > record or self._each is None:
            self._each = each
        else:
            self._each = min(self._each, each)

    def most(self, wanted: int) -> int:
        """How many of the wanted samples the next call should get, at least 1."""
        if self._each is None or self._each * wanted <= SMALL:
            return wanted
        free = self._free()
        return wanted if free is None else max(1, min(wanted, int(SHARE * free / self._each)))

    def is_news(self, size: int) -> bool:
        """Whether calls of this node were never that small for want of memory."""
        known, self._least = self._least, min(size, self._least or size)
        return known is None or size < known
