"""What runs on images and on scenes have in common: samples in, records and exports out.

Records get a line a sample, in order, as results come; `run.json` says what ran and what it cost.
A run that was stopped goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from openseg.api.method import Method
from openseg.api.run_folder import AnyRunFolder, Stored
from openseg.api.spending import Report, line, since, together
from openseg.graph.engine.local import LocalEngine
from openseg.graph.engine.work import Engine
from openseg.graph.events import Event, Listener, Timings, WindowFinished
from openseg.graph.graph import Outcome, Sample
from openseg.io.files import collecting, write_atomic
from openseg.models.store import ModelStore
from openseg.ops.text import parse_query
from openseg.types.errors import UserError

_FOUND_LINES = 10


class Named(Stored, Protocol):
    """A record of any kind."""

    @property
    def id(self) -> str:
        """The sample's id."""

    @property
    def error(self) -> str | None:
        """What went wrong, or None."""


Item = tuple[str, Path]
"""What a sample is made of: its id, and where it lies."""

T = TypeVar("T")
R = TypeVar("R", bound=Named)
Result_contra = TypeVar("Result_contra", contravariant=True)
Record_contra = TypeVar("Record_contra", contravariant=True)


class Export(Protocol[Result_contra, Record_contra]):
    """One format; made with the run folder."""

    def one(self, result: Result_contra, record: Record_contra) -> None:
        """Writes what belongs to one sample, as soon as it is done."""

    def all(self, records: Iterable[Record_contra], classes: Sequence[str]) -> None:
        """Writes what belongs to the whole run, at its end."""


@dataclass(frozen=True)
class Job(Generic[T, R]):
    """What is to be run, and how its results are kept.

    It travels to workers: what its functions hold on to travels with them.

    Attributes:
        feed: Makes the samples of items.
        folder: The kind of run folder.
        identity: What the run is.
        text: The words asked for, or None.
        result: The result of an outcome that did not fail.
        record: Brings a result to rest.
        failed: The record of an item that failed, given what went wrong.
        exports: Makes the exports for a folder.
        regions: What a record holds: words and score of each.
        clear: The rows of them that are worth a user's attention; by default all.
        remarks: What a user should know of a record though it did not fail.
        words: What samples and regions are called, in the plural.
    """

    feed: Callable[[Sequence[Item]], Iterable[Sample]]
    folder: type[AnyRunFolder[R]]
    identity: Mapping[str, Any]
    text: str | None
    result: Callable[[Outcome], T]
    record: Callable[[T], R]
    failed: Callable[[Item, str], R]
    exports: Callable[[Path], Sequence[Export[T, R]]]
    regions: Callable[[R], Sequence[tuple[str, float]]]
    clear: Callable[[R], Sequence[int]] | None = None
    remarks: Callable[[R], Sequence[str]] = lambda _record: ()
    words: tuple[str, str] = ("images", "regions")


@dataclass
class Summary:
    """What a run came to.

    Attributes:
        out: The run folder.
        words: What samples and regions are called, in the plural.
        samples: Samples in the folder's record, failed ones included.
        failed: How many of them failed.
        regions: Regions or objects found in all.
        seconds: Wall time of this call.
        mistakes: Samples that failed in this call because of something the user gave.
        found: A few readable lines on what was found.
        remarks: What the user should know of samples that did not fail.
        spending: What language models cost this call, by family.
    """

    out: Path
    words: tuple[str, str] = ("images", "regions")
    samples: int = 0
    failed: int = 0
    regions: int = 0
    seconds: float = 0.0
    mistakes: int = 0
    found: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    spending: Mapping[str, Report] = field(default_factory=dict)

    def add(
        self,
        record: Named,
        regions: Sequence[tuple[str, float]],
        clear: Callable[[], Sequence[int]] | None = None,
    ) -> None:
        """Counts one record; `clear` gives the rows of its regions that are named."""
        self.samples += 1
        self.failed += record.error is not None
        self.regions += len(regions)
        if len(self.found) < _FOUND_LINES and record.error is None:
            named = [regions[row] for row in clear()] if clear else regions
            names = ", ".join(f"{words or 'mask'} {score:.2f}" for words, score in named)
            rest = len(regions) - len(named)
            more = f" (and {rest} less clear ones)" if rest else ""
            self.found.append(f"{record.id}: {names or 'nothing found'}{more}")

    @property
    def exit_code(self) -> int:
        """0 if any sample succeeded or there was none; else 2 for a user's mistake, 1 for ours."""
        if self.failed < self.samples or not self.samples:
            return 0
        return 2 if self.mistakes else 1

    def as_json(self) -> dict[str, Any]:
        """The object that `openseg run --json` prints."""
        return {
            "out": str(self.out),
            "samples": self.samples,
            "failed": self.failed,
            "regions": self.regions,
            "seconds": round(self.seconds, 3),
        }

    def lines(self) -> list[str]:
        """What `openseg run` prints."""
        more = self.samples - self.failed - len(self.found)
        samples, regions = self.words
        counts = f"{self.samples} {samples}, {self.regions} {regions}, {self.failed} failed"
        return [
            *self.found,
            *([f"... and {more} more"] if more else []),
            f"{counts}, {self.seconds:.1f} s",
            *(line(family, report) for family, report in self.spending.items()),
            f"results: {self.out}",
            *([f"pictures: {self.out / 'overlay'}"] if (self.out / "overlay").is_dir() else []),
        ]


@dataclass(frozen=True)
class Finished(Generic[R]):
    """What is kept of a sample.

    Attributes:
        record: Its record.
        mistake: Whether it failed because of something the user gave.
        spent: What language models cost since the sample before.
        files: What is still to be written, by path.
    """

    record: R
    mistake: bool
    spent: Mapping[str, Report]
    files: Mapping[Path, bytes]


class Finish(Generic[T, R]):
    """Brings outcomes to rest where they were made.

    Args:
        job: The job.
        models: The models, which know what they cost.
        folder: The run folder.
        writes: Whether it lies where this is called; else files are given back.
    """

    def __init__(self, job: Job[T, R], models: ModelStore, folder: Path, *, writes: bool) -> None:
        self._job = job
        self._models = models
        self._writes = writes
        self._exports = job.exports(folder)
        self._spent: Mapping[str, Report] = models.spending() if writes else {}

    def __call__(self, item: Item, outcomes: tuple[Outcome, ...]) -> Finished[R]:
        """Makes the record of a sample, and its files."""
        [outcome] = outcomes
        before, self._spent = self._spent, self._models.spending()
        spent = since(self._spent, before)
        if outcome.failure is not None:
            record = self._job.failed(item, str(outcome.failure))
            return Finished(record, isinstance(outcome.failure, UserError), spent, {})
        result = self._job.result(outcome)
        record = self._job.record(result)
        kept: AbstractContextManager[dict[Path, bytes]]
        kept = nullcontext({}) if self._writes else collecting()
        with kept as files:
            for export in self._exports:
                export.one(result, record)
        return Finished(record, False, spent, files)


def carry_out(
    method: Method,
    job: Job[T, R],
    items: Sequence[Item],
    out: Path,
    *,
    resume: bool,
    overwrite: bool,
    listeners: Sequence[Listener],
    engine: Engine | None = None,
) -> Summary:
    """Runs a job and writes the run folder.

    Args:
        method: The method.
        job: What to do.
        items: What to run it on.
        out: The run folder; made if missing.
        resume: Go on with the run that lies there; samples it already has are not run again.
        overwrite: Replace the run that lies there.
        listeners: Called with every event.
        engine: Where it is worked on; in this process by default.

    Returns:
        Counts over the whole folder, including what an earlier run of it had finished.

    Raises:
        UserError: If the folder cannot be written, holds a run and neither `resume` nor
            `overwrite` is given, or holds another run than the one to go on with.
    """
    started = time.monotonic()
    timings = Timings()
    engine = engine or LocalEngine()
    with job.folder.open(out, job.identity, resume=resume, overwrite=overwrite) as folder:
        done = {record.id for record in folder.records()}
        todo = [item for item in items if item[0] not in done]
        summary = Summary(out, job.words)

        def commit(event: Event) -> None:
            if isinstance(event, WindowFinished):
                folder.commit(summary.spending)

        finish = Finish(job, method.models, folder.path, writes=engine.shares_folders)
        work = method.work(job.feed, finish, folder.run)
        for one in engine.over(work, todo, len(items) - len(todo), [timings, commit, *listeners]):
            for path, content in one.files.items():
                write_atomic(path, content)
            folder.append(one.record)
            summary.mistakes += one.mistake
            summary.spending = together(summary.spending, one.spent)
            if one.record.error is None:
                summary.remarks += job.remarks(one.record)
        # Read again for each: a million records do not fit into memory.
        for record in folder.records():
            clear = None if job.clear is None else partial(job.clear, record)
            summary.add(record, job.regions(record), clear)
        for export in job.exports(folder.path):
            export.all(folder.records(), classes_of(job.text))
        summary.seconds = time.monotonic() - started
        folder.finish(timings, summary.as_json(), summary.spending)
    return summary


def classes_of(text: str | None) -> list[str]:
    """The query's classes in order; none without words."""
    if text is None:
        return []
    names: dict[int, str] = {}
    for phrase in parse_query(text).phrases:
        names.setdefault(phrase.class_id, phrase.text)
    return list(names.values())
