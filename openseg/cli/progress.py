"""Progress on stderr: a bar a node on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING

from openseg.cli import console
from openseg.graph.events import (
    BatchHalved,
    CacheFault,
    Event,
    ModelLoaded,
    NodeAdvanced,
    NodeFinished,
    RunStarted,
    SampleFailed,
    SampleFinished,
)

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_SAMPLES = "samples"
PLAIN_EVERY = 5.0
"""Seconds between two plain lines."""


class Remarks:
    """Prints what a user should know of, whatever shows the progress."""

    def __call__(self, event: Event) -> None:
        """Takes in one event."""
        match event:
            case SampleFailed(id=id_, failure=failure):
                console.complain(f"'{id_}' failed: {failure}")
            case CacheFault(message=message):
                console.complain(f"cache: {message}")
            case BatchHalved(node=node, batch=batch):
                console.note(f"memory is short in '{node}': going on with batches of {batch}")
            case _:
                pass


class PlainProgress:
    """A line every few seconds, for logs."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.done = 0
        self.last = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Takes in one event."""
        match event:
            case RunStarted(total=total):
                self.total = total
            case ModelLoaded(family=family, seconds=seconds):
                console.note(f"loaded {family} in {seconds:.1f} s")
            case SampleFinished():
                self.done += 1
                if time.monotonic() - self.last >= PLAIN_EVERY:
                    self.last = time.monotonic()
                    console.note(f"{self.done} of {self.total} samples")
            case _:
                pass

    def __enter__(self) -> PlainProgress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        pass


class BarProgress:
    """One bar a node and one for the samples, for terminals."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
        )

        self.bars: Progress = Progress(
            TextColumn("{task.description:<16}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self.tasks: dict[str, TaskID] = {}

    def __call__(self, event: Event) -> None:
        """Takes in one event."""
        match event:
            case RunStarted(total=total, nodes=nodes):
                for name in (*nodes, _SAMPLES):
                    self.tasks[name] = self.bars.add_task(name, total=total)
            case NodeAdvanced(node=node, samples=samples):
                self.bars.advance(self.tasks[node], samples)
            case NodeFinished(node=node, samples=samples, computed=computed):
                self.bars.advance(self.tasks[node], samples - computed)
            case SampleFinished():
                self.bars.advance(self.tasks[_SAMPLES])
            case _:
                pass

    def __enter__(self) -> BarProgress:
        self.bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.bars.stop()


def progress() -> BarProgress | PlainProgress:
    """The progress display that fits where stderr goes."""
    return BarProgress() if sys.stderr.isatty() else PlainProgress()
