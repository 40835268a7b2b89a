"""Calls that take many jobs at once, made to survive one bad job and too little memory."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from openseg.graph.run.failure import is_out_of_memory, let_go
from openseg.graph.run.fitting import FIRST, Fit
from openseg.types.errors import OpensegError

J = TypeVar("J")
R = TypeVar("R")


class Batches(Generic[J, R]):
    """Calls a function with batches of jobs.

    A batch gets as many jobs as fit into what memory is free. One that does not fit all the same is
    halved, and later ones are no larger. A batch that fails otherwise is halved to find the job at
    fault, unless the error says that it ends the run.

    Args:
        call: Gives one result a job, or for a single job the exception it failed with; may raise
            for the whole batch.
        size: The most jobs in a call; becomes smaller when memory runs out.
        fit: How many jobs fit; learns from the calls.
        on_halved: Called with the new size when memory is short.
    """

    def __init__(
        self,
        call: Callable[[Sequence[J]], Sequence[R | Exception]],
        size: int,
        fit: Fit,
        on_halved: Callable[[int], None],
    ) -> None:
        self.call = call
        self.size = size
        self.fit = fit
        self.on_halved = on_halved

    def over(self, jobs: Sequence[J]) -> Iterator[tuple[Sequence[J], Sequence[R | Exception]]]:
        """Works through jobs in order.

        Args:
            jobs: The jobs.

        Yields:
            Jobs in order, a batch at a time, each with its result or with the exception it raises
            on its own.
        """
        done = 0
        while done < len(jobs):
            size = self.size
            wanted = min(size, len(jobs) - done, size if done else FIRST)
            fitting = self.fit.most(wanted)
            if fitting < wanted and self.fit.is_news(fitting):
                self.on_halved(fitting)
            batch = jobs[done : done + fitting]
            results = self._results(batch)
            if any(isinstance(one, Exception) and is_out_of_memory(one) for one in results):
                self.size = size  # what does not fit alone says nothing about the others
            yield batch, results
            done += len(batch)

    def _results(self, batch: Sequence[J]) -> Sequence[R | Exception]:
        try:
            with self.fit.measured(len(batch)):
                return self.call(batch)
        except Exception as error:
            if isinstance(error, OpensegError) and error.ends_run:
                raise
            exhausted = is_out_of_memory(error)
            let_go(error)
            if len(batch) == 1:
                return [error]
        # Outside of `except`: what the failed call held is free by now.
        half = (len(batch) + 1) // 2
        if exhausted:
            _free()
            if half < self.size:
                self.size = half
                self.on_halved(half)
        results: list[R | Exception] = []
        while rest := batch[len(results) :]:
            results += self._results(rest[: min(half, self.size)])
        return results


def _free() -> None:
    gc.collect()
    torch = sys.modules["torch"]
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()
