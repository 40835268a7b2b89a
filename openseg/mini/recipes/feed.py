"""Batches of a training run, made in place or ahead of time by worker processes.

A batch depends on its step alone, so a run that is resumed, or has workers, sees the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from torch.utils.data import DataLoader, Dataset

B = TypeVar("B")

_FAR = 1 << 40


class Feed(Generic[B]):
    """Gives the batch of each step; steps are asked for in order.

    Args:
        make: makes the batch of a step, always the same one.
        workers: processes that make batches ahead; 0 makes each when it is asked for.
    """

    def __init__(self, make: Callable[[int], B], workers: int = 0) -> None:
        self._make = make
        self._workers = workers
        self._ahead: Iterator[B] | None = None
        self._next = 0

    def __call__(self, step: int) -> B:
        """The batch of a step."""
        if not self._workers:
            return self._make(step)
        if self._ahead is None or step != self._next:
            self._ahead = iter(
                DataLoader(
                    _Steps(self._make),
                    batch_size=None,
                    sampler=range(step, _FAR),
                    num_workers=self._workers,
                    prefetch_factor=4,
                )
            )
        self._next = step + 1
        return next(self._ahead)


class _Steps(Dataset[B]):
    def __init__(self, make: Callable[[int], B]) -> None:
        self._make = make

    def __getitem__(self, step: int) -> B:
        return self._make(step)

    def __len__(self) -> int:
        return _FAR
