"""What runs on images and on scenes have in common: samples in, records and exports out.

Records get a line a sample, in order, as results come; `run.json` says what ran and what it cost.
A run that was stopped goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from openseg.api.method import Method
from openseg.api.run_folder import AnyRunFolder, Stored
from openseg.api.spending import Report, line, since
from openseg.graph.events import Event, Listener, Timings, WindowFinished
from openseg.graph.graph import Outcome, Sample
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

    Attributes:
        samples: The samples.
        folder: The kind of run folder.
        identity: What the run is.
        text: The words asked for, or None.
        result: The result of an outcome that did not fail.
        record: Brings a result to rest.
        failed: The record of a sample that failed, given its id and error.
        exports: Makes the exports for a folder.
        regions: What a record holds: words and score of each.
        remarks: What a user should know of a record though it did not fail.
        words: What samples and regions are called, in the plural.
    """

    samples: Sequence[Sample]
    folder: type[AnyRunFolder[R]]
    identity: Mapping[str, Any]
    text: str | None
    result: Callable[[Outcome], T]
    record: Callable[[T], R]
    failed: Callable[[str, str], R]
    exports: Callable[[Path], Sequence[Export[T, R]]]
    regions: Callable[[R], Sequence[tuple[str, float]]]
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

    def add(self, record: Named, regions: Sequence[tuple[str, float]]) -> None:
        """Counts one record."""
        self.samples += 1
        self.failed += record.error is not None
        self.regions += len(regions)
        if len(self.found) < _FOUND_LINES and record.error is None:
            names = ", ".join(f"{words or 'mask'} {score:.2f}" for words, score in regions)
            self.found.append(f"{record.id}: {names or 'nothing found'}")

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


def carry_out(
    method: Method,
    job: Job[T, R],
    out: Path,
    *,
    resume: bool,
    overwrite: bool,
    listeners: Sequence[Listener],
) -> Summary:
    """Runs a job and writes the run folder.

    Args:
        method: The method.
        job: What to run it on.
        out: The run folder; made if missing.
        resume: Go on with the run that lies there; samples it already has are not run again.
        overwrite: Replace the run that lies there.
        listeners: Called with every event.

    Returns:
        Counts over the whole folder, including what an earlier run of it had finished.

    Raises:
        UserError: If the folder cannot be written, holds a run and neither `resume` nor
            `overwrite` is given, or holds another run than the one to go on with.
    """
    started = time.monotonic()
    timings = Timings()
    with job.folder.open(out, job.identity, resume=resume, overwrite=overwrite) as folder:
        done = {record.id for record in folder.records()}
        exports = job.exports(folder.path)
        todo = [sample for sample in job.samples if sample.id not in done]

        before = method.models.spending()

        def commit(event: Event) -> None:
            if isinstance(event, WindowFinished):
                folder.commit(since(method.models.spending(), before))

        summary = Summary(out, job.words)
        for outcome in method.stream(todo, [timings, commit, *listeners]):
            summary.mistakes += isinstance(outcome.failure, UserError)
            if outcome.failure is not None:
                folder.append(job.failed(outcome.id, str(outcome.failure)))
                continue
            result = job.result(outcome)
            record = job.record(result)
            for export in exports:
                export.one(result, record)
            folder.append(record)
            summary.remarks += job.remarks(record)
        kept = list(folder.records())
        for record in kept:
            summary.add(record, job.regions(record))
        for export in exports:
            export.all(kept, classes_of(job.text))
        summary.seconds = time.monotonic() - started
        summary.spending = since(method.models.spending(), before)
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
