"""Work that waits its turn: one thread owns the models, sessions put jobs in a line.

Everything here is plain Python: a session looks at its job whenever it draws.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from openseg.graph.events import (
    BatchHalved,
    Event,
    Listener,
    ModelLoaded,
    NodeFinished,
    NodeStarted,
    RunStarted,
)

_NOTABLE = 0.1
"""Seconds of loading a model that are worth a remark."""


class State(Enum):
    """How far a job has come."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CancelledError(Exception):
    """Raised inside a run at its next event after it was cancelled."""


@dataclass
class StageProgress:
    """One node's progress.

    Attributes:
        name: The node.
        state: `waiting`, `running` or `done`.
        seconds: Wall time, once it is done.
    """

    name: str
    state: str = "waiting"
    seconds: float = 0.0


@dataclass(eq=False)
class Job:
    """A piece of work.

    Attributes:
        title: What it is, for those who wait behind it.
        work: What is done; it is handed a listener for the run's events.
        state: How far it has come.
        stages: Progress of each node, in order.
        note: The last remark, such as which model was loaded.
        result: What `work` gave.
        error: What it raised.
    """

    title: str
    work: Callable[[Listener], Any]
    state: State = State.WAITING
    stages: dict[str, StageProgress] = field(default_factory=dict)
    note: str = ""
    result: Any = None
    error: Exception | None = None
    _cancelled: bool = False
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in {State.DONE, State.FAILED, State.CANCELLED}

    def cancel(self) -> None:
        """Asks it to stop: at once while it waits, else after the batch that is being computed.

        One that was in its last batch is over all the same: nobody waits for it any more.
        """
        with self._turn:
            self._cancelled = True
            if self.state is State.WAITING:
                self.state = State.CANCELLED

    def __call__(self, event: Event) -> None:
        """Takes in an event of the run.

        Raises:
            CancelledError: If it was cancelled, which ends the run.
        """
        if self._cancelled:
            raise CancelledError
        match event:
            case RunStarted(nodes=nodes):
                self.stages = {name: StageProgress(name) for name in nodes}
            case NodeStarted(node=node):
                self.stages[node].state = "running"
            case NodeFinished(node=node, seconds=seconds):
                self.stages[node] = StageProgress(node, "done", seconds)
            case ModelLoaded(family=family, seconds=seconds) if seconds >= _NOTABLE:
                self.note = f"loaded {family} in {seconds:.1f} s"
            case BatchHalved(node=node, batch=batch):
                self.note = f"memory is short in {node}: going on with batches of {batch}"
            case _:
                pass

    def run(self) -> None:
        """Does the work and keeps what came of it."""
        with self._turn:
            if self._cancelled:
                return
            self.state = State.RUNNING
        try:
            result = self.work(self)
        except CancelledError:
            self.state = State.CANCELLED
        except Exception as error:  # noqa: BLE001  # shown to who asked; the line goes on
            self.error = error
            self.state = State.FAILED
        else:
            with self._turn:
                self.result = None if self._cancelled else result
                self.state = State.CANCELLED if self._cancelled else State.DONE


class Line:
    """Jobs in the order in which they came, done one at a time."""

    def __init__(self) -> None:
        self._jobs: deque[Job] = deque()
        self._current: Job | None = None
        self._changed = threading.Condition()
        threading.Thread(target=self._work, name="openseg-ui-models", daemon=True).start()

    def submit(self, job: Job) -> Job:
        """Puts a job at the end of the line."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify()
        return job

    def ahead_of(self, job: Job) -> list[Job]:
        """The jobs that must end before this one begins, first come first."""
        with self._changed:
            waiting = [one for one in self._jobs if not one.over]
            current = [self._current] if self._current is not None else []
        if job not in waiting:
            return []
        return [*current, *waiting[: waiting.index(job)]]

    def __len__(self) -> int:
        with self._changed:
            return sum(not one.over for one in self._jobs) + (self._current is not None)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._jobs))
                self._current = self._jobs.popleft()
            self._current.run()
            with self._changed:
                self._current = None
