"""A method over many images, into a run folder that survives being stopped.

`regions.jsonl` gets a line a sample, in order, as results come; `run.json` says what ran and what
it cost; pictures and exports lie beside them. A run that was stopped goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from openseg.api.export import EXPORTS
from openseg.api.inputs import Request, samples_of
from openseg.api.job import Job, Summary, carry_out
from openseg.api.method import Method
from openseg.api.records import Record, record_of
from openseg.api.run_folder import RunFolder, run_identity
from openseg.api.supports import Support, templates_of
from openseg.graph.events import Listener
from openseg.io.paths import sample_ids

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
        supports: Pictures of what to look for, with masks.
        formats: Which exports to write, of `FORMATS`.
        limit: Run only so many of the images; their ids are those they have without a limit.
    """

    paths: Sequence[Path]
    text: str | None = None
    boxes: Sequence[Sequence[float]] | None = None
    points: Sequence[Sequence[float]] | None = None
    scribbles: Sequence[Sequence[Sequence[float]]] | None = None
    negative_points: Sequence[Sequence[float]] | None = None
    supports: Sequence[Support] = ()
    formats: frozenset[str] = FORMATS
    limit: int | None = None


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
    paths = dict(zip(sample_ids(request.paths), request.paths, strict=True))
    paths = dict(list(paths.items())[: request.limit])
    templates = templates_of(request.supports, request.text)
    asked = Request(
        request.text,
        request.boxes,
        request.points,
        request.scribbles,
        request.negative_points,
        templates,
    )
    text = request.text
    if text is None and templates is not None:
        text = ";".join(thing.text for thing in templates.things)
    job = Job(
        samples=samples_of(method.graph, paths, asked, method.models.device),
        folder=RunFolder,
        identity=run_identity(method, asked),
        text=text,
        result=method.result,
        record=record_of,
        failed=lambda id_, error: Record(id_, str(paths[id_]), (0, 0), error=error),
        exports=lambda folder: [EXPORTS[name](folder) for name in sorted(request.formats)],
        regions=lambda record: [(one.phrase, one.score) for one in record.regions],
    )
    return carry_out(method, job, out, resume=resume, overwrite=overwrite, listeners=listeners)


def records(folder: Path) -> Iterator[Record]:
    """The records of a run folder, in order."""
    return RunFolder.read(folder)
