"""A method over many images, into a run folder that survives being stopped.

`regions.jsonl` gets a line a sample, in order, as results come; `run.json` says what ran and what
it cost; pictures and exports lie beside them. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openseg.api.export import EXPORTS
from openseg.api.inputs import Request, samples_of
from openseg.api.method import Method
from openseg.api.records import Record, record_of
from openseg.api.result import Result
from openseg.api.run_folder import RunFolder, run_identity
from openseg.graph.events import Event, Listener, Timings, WindowFinished
from openseg.graph.graph import Outcome
from openseg.io.paths import sample_ids
from openseg.ops.text import parse_query
from openseg.types.errors import UserError

FORMATS = frozenset(EXPORTS)


@dataclass(frozen=True)
class RunRequest:
    """What to run a method on.

    Attributes:
        paths: The images, in order.
        text: What to look for; None for methods without words.
        boxes: Boxes `[n][4]` given to every image.
        points: Points `[n][2]` given to every image.
        scribbles: Strokes `[n][k][2]` given to every image.
        negative_points: Points `[n][2]` outside of all regions of points, given to every image.
        formats: Which exports to write, of `FORMATS`.
        limit: Run only so many of the images; their ids are those they have without a limit.
    """

    paths: Sequence[Path]
    text: str | None = None
    boxes: Sequence[Sequence[float]] | None = None
    points: Sequence[Sequence[float]] | None = None
    scribbles: Sequence[Sequence[Sequence[float]]] | None = None
    negative_points: Sequence[Sequence[float]] | None = None
    formats: frozenset[str] = FORMATS
    limit: int | None = None


@dataclass
class Summary:
    """What a run came to.

    Attributes:
        out: The run folder.
        samples: Images in the folder's record, failed ones included.
        failed: How many of them failed.
        regions: Regions found in all.
        seconds: Wall time of this call.
        mistakes: Images that failed in this call because of something the user gave.
        found: A few readable lines on what was found.
    """

    out: Path
    samples: int = 0
    failed: int = 0
    regions: int = 0
    seconds: float = 0.0
    mistakes: int = 0
    found: list[str] = field(default_factory=list)

    def add(self, record: Record) -> None:
        """Counts one record."""
        self.samples += 1
        self.failed += record.error is not None
        self.regions += len(record.regions)
        if len(self.found) < _FOUND_LINES and record.error is None:
            names = ", ".join(f"{r.phrase or 'mask'} {r.score:.2f}" for r in record.regions)
            self.found.append(f"{record.id}: {names or 'nothing found'}")

    @property
    def exit_code(self) -> int:
        """0 if any image succeeded or there was none; else 2 for a user's mistake, 1 for ours."""
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
        counts = f"{self.samples} images, {self.regions} regions, {self.failed} failed"
        return [
            *self.found,
            *([f"... and {more} more"] if more else []),
            f"{counts}, {self.seconds:.1f} s",
            f"results: {self.out}",
            *([f"pictures: {self.out / 'overlay'}"] if (self.out / "overlay").is_dir() else []),
        ]


_FOUND_LINES = 10


def run_images(
    method: Method,
    request: RunRequest,
    out: Path,
    *,
    resume: bool = False,
    overwrite: bool = False,
    listeners: Sequence[Listener] = (),
) -> Summary:
    """Runs a method on images and writes the run folder.

    Args:
        method: The method.
        request: What to run it on.
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
    paths = dict(zip(sample_ids(request.paths), request.paths, strict=True))
    paths = dict(list(paths.items())[: request.limit])
    asked = Request(
        request.text, request.boxes, request.points, request.scribbles, request.negative_points
    )
    samples = samples_of(method.graph, paths, asked, method.models.device)
    identity = run_identity(method, asked)
    timings = Timings()
    classes = _classes(request.text)
    with RunFolder.open(out, identity, resume=resume, overwrite=overwrite) as folder:
        done = {record.id for record in folder.records()}
        exports = [EXPORTS[name](folder.path) for name in sorted(request.formats)]
        todo = [sample for sample in samples if sample.id not in done]

        def commit(event: Event) -> None:
            if isinstance(event, WindowFinished):
                folder.commit()

        summary = Summary(out)
        for outcome in method.stream(todo, [timings, commit, *listeners]):
            summary.mistakes += isinstance(outcome.failure, UserError)
            record, result = _settle(method, outcome, paths[outcome.id])
            if result is not None:
                for export in exports:
                    export.one(result, record)
            folder.append(record)
        kept = list(folder.records())
        for record in kept:
            summary.add(record)
        for export in exports:
            export.all(kept, classes)
        summary.seconds = time.monotonic() - started
        folder.finish(timings, summary.as_json())
    return summary


def _settle(method: Method, outcome: Outcome, path: Path) -> tuple[Record, Result | None]:
    """The record of an outcome, with its result if there is one."""
    if outcome.failure is not None:
        return Record(outcome.id, str(path), (0, 0), error=str(outcome.failure)), None
    result = method.result(outcome)
    return record_of(result), result


def _classes(text: str | None) -> list[str]:
    """The query's classes in order; none without words."""
    if text is None:
        return []
    names: dict[int, str] = {}
    for phrase in parse_query(text).phrases:
        names.setdefault(phrase.class_id, phrase.text)
    return list(names.values())


def records(folder: Path) -> Iterator[Record]:
    """The records of a run folder, in order."""
    return RunFolder.read(folder)
