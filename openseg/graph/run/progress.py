"""Says that a run begins and what it came to, wherever its windows are worked on."""

from __future__ import annotations

import time
from collections.abc import Sequence

from openseg.graph.events import (
    Event,
    Listener,
    RunFinished,
    RunStarted,
    SampleFailed,
    SampleFinished,
)
from openseg.graph.run.plan import Plan


class Progress:
    """Passes events of windows on, between those of a run's start and end.

    Args:
        plan: What is run.
        listeners: Told of everything.
    """

    def __init__(self, plan: Plan, listeners: Sequence[Listener]) -> None:
        self._plan = plan
        self._listeners = listeners
        self._start = time.perf_counter()
        self._samples = self._failed = 0
        self._fails = False

    def begin(self, total: int | None) -> None:
        """Tells that the run starts, with so many samples, if that is known."""
        steps = self._plan.steps
        methods = tuple(
            tuple(step.name for step in steps if position in step.users)
            for position in range(len(self._plan.graphs))
        )
        self._start = time.perf_counter()
        self._emit(RunStarted(total, tuple(step.name for step in steps), methods))

    def __call__(self, event: Event) -> None:
        """Takes in an event of a window."""
        if isinstance(event, SampleFailed):
            self._fails = True
        elif isinstance(event, SampleFinished):
            self._samples += 1
            self._failed += self._fails
            self._fails = False
        self._emit(event)

    def end(self) -> None:
        """Tells that every sample is done."""
        seconds = time.perf_counter() - self._start
        self._emit(RunFinished(self._samples, self._failed, seconds))

    def _emit(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)
