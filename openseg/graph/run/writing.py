"""Writes cache entries in a thread, while the models go on."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from openseg.graph.cache import Cache, CacheError


class Writer:
    """Hands entries to a cache in the background; stops writing after the first fault.

    Args:
        cache: The cache.
    """

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="openseg-write")
        self._pending: list[Future[None]] = []
        self._broken = False
        self._fault: CacheError | None = None

    def put(self, address: str, values: Mapping[str, Any]) -> None:
        """Writes an entry soon; the values are held until then."""
        if not self._broken:
            self._pending.append(self._thread.submit(self._write, address, values))

    def drain(self) -> CacheError | None:
        """Waits until everything is written.

        Returns:
            The fault that ended writing, the first time it is asked for.
        """
        for written in self._pending:
            written.result()
        self._pending.clear()
        fault, self._fault = self._fault, None
        return fault

    def close(self) -> None:
        """Ends the thread after what it is writing."""
        self._thread.shutdown(cancel_futures=True)

    def _write(self, address: str, values: Mapping[str, Any]) -> None:
        if self._broken:
            return
        try:
            self.cache.put(address, values)
        except CacheError as error:
            self._broken = True
            self._fault = error
