"""How often samples were begun, counted apart from the workers: one that dies forgets.

Ray itself counts a loss for every parcel that waited for a worker. On a busy machine, where workers
are killed before they have begun, it would take such parcels for deadly ones. Nothing heavy is
imported here: the process that counts starts as soon as Ray does.
"""

from __future__ import annotations

from collections import Counter

RETRIES = 3
"""How often a parcel is begun again after a worker died of it."""


class Tally:
    """How often each parcel was begun."""

    def __init__(self) -> None:
        self._times: Counter[int] = Counter()

    def begin(self, begun: int) -> int:
        """Counts that a parcel is begun; gives how often that makes.

        Args:
            begun: The parcel, as `Parcel.begun`.
        """
        self._times[begun] += 1
        return self._times[begun]
