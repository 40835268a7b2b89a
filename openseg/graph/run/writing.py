"""Prepares and writes cache entries in a thread, while the models go on.

Entries of a window are written once its outcomes have been handed out, and bear the name of their
run, which does not read them: wherever it is killed, it makes the same batches when it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from openseg.graph.cache import Cache, CacheError, pack


class Writer:
    """Hands entries to a cache in the background; stops writing after the first fault.

    Args:
        cache: The cache.
        run: Which run the entries are of.
    """

    def __init__(self, cache: Cache, run: str) -> None:
        self.cache = cache
        self.run = run
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="openseg-write")
        self._packed: list[tuple[str, Future[bytes]]] = []
        self._pending: list[Future[None]] = []
        self._broken = False
        self._fault: CacheError | None = None

    def put(self, address: str, values: Mapping[str, Any]) -> None:
        """Prepares an entry; what is held until `publish` is its packed form."""
        if not self._broken:
            self._packed.append((address, self._thread.submit(pack, address, values, self.run)))

    def publish(self) -> None:
        """Writes what was put since the last call, soon."""
        for address, content in self._packed:
            self._pending.append(self._thread.submit(self._write, address, content))
        self._packed.clear()

    def drain(self) -> CacheError | None:
        """Waits until everything published is written.

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

    def _write(self, address: str, content: Future[bytes]) -> None:
        if self._broken:
            return
        try:
            self.cache.put_packed(address, content.result())
        except CacheError as error:
            self._broken = True
            self._fault = error
