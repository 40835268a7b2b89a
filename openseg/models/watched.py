"""Models behind a clock: a store like any other, whose adapters tell how long their calls take."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from openseg.models.store import ModelStore

Called = Callable[[float], None]


class WatchedStore(ModelStore):
    """A store whose models tell how long each of their calls took.

    Args:
        called: Told the seconds of every call, when what it asked the device for is done.
        **settings: As `ModelStore`.
    """

    def __init__(self, called: Called, **settings: Any) -> None:
        super().__init__(**settings)
        self._called = called

    def load(self, family: str) -> Any:
        """The loaded adapter behind a clock."""
        return _Watched(super().load(family), self._called, self._finish)

    def _finish(self) -> None:
        """Waits until the device is done, so that its work is counted where it was asked for."""
        if self.device.type == "cuda":
            import torch

            torch.cuda.synchronize(self.device)


class _Watched:
    """Stands for an adapter; its methods are timed, all else is the adapter's own."""

    def __init__(self, adapter: Any, called: Called, finish: Callable[[], None]) -> None:
        self._adapter, self._called, self._finish = adapter, called, finish

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._adapter, name)
        return self._timed(found) if callable(found) else found

    def _timed(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def timed(*arguments: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return method(*arguments, **named)
            finally:
                self._finish()
                self._called(time.perf_counter() - start)

        return timed
