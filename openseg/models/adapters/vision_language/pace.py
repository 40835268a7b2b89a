"""No more requests a minute than a server grants: they are begun at even distances."""

from __future__ import annotations

import threading
import time


class Pace:
    """Makes threads wait for their turn.

    Args:
        per_minute: Most requests begun in a minute; 0 for no limit.
    """

    def __init__(self, per_minute: float) -> None:
        self._distance = 60.0 / per_minute if per_minute else 0.0
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Returns when the next request may be begun."""
        with self._lock:
            turn = max(self._next, time.monotonic())
            self._next = turn + self._distance
        time.sleep(max(0.0, turn - time.monotonic()))
