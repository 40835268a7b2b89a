"""A method over many images, into a run folder that survives being stopped.

`regions.jsonl` gets a line a sample, in order, as results come; `run.json` says what ran and what
it cost; pictures and exports lie beside them. A run that was stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openseg.api.export import EXPORTS
from openseg.api.inputs import Request, samples_of
from openseg.api.job import Job, Summary, carry_out
from openseg.api.method import Method
from openseg.api.records import Record, record_of
from openseg.api.run_folder import RECORDS, RunFolder, run_identity
from openseg.api.supports import Support, templates_of
from openseg.graph.engine.work import Engine
from openseg.graph.events import Listener
from openseg.io.paths import sample_ids
from openseg.io.rle import RLE, decode_masks
from openseg.types import Masks
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
        supports: Pictures of what to look for, with masks.
        mask: A mask drawn on the images, or the folder of a former run: what it found in each.
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
    mask: Path | None = None
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
    engine: Engine | None = None,
) -> Summary:
    """Runs a method on images and writes the run folder.

    Args:
        method: The method.
        request: What to run it on.
        out: The run folder; made if missing.
        resume: Go on with the run that lies there; samples it already has are not run again.
        overwrite: Replace the run that lies there.
        listeners: Called with every event.
        engine: Where it is worked on, as `openseg.api.engines.engine_of` gives it; in this process
            by default.

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
        masks=None if request.mask is None else _masks(request.mask, list(paths)),
    )
    text = request.text
    if text is None and templates is not None:
        text = ";".join(thing.text for thing in templates.things)
    samples_of(method.graph, {}, asked, method.models.device)  # refuses what it cannot take
    job = Job(
        feed=lambda items: samples_of(method.graph, dict(items), asked, method.models.device),
        folder=RunFolder,
        identity={**run_identity(method, asked), "mask": _identity(request.mask)},
        text=text,
        result=method.result,
        record=record_of,
        failed=lambda item, error: Record(item[0], str(item[1]), (0, 0), error=error),
        exports=lambda folder: [EXPORTS[name](folder) for name in sorted(request.formats)],
        regions=lambda record: [(one.phrase, one.score) for one in record.regions],
    )
    return carry_out(
        method,
        job,
        list(paths.items()),
        out,
        resume=resume,
        overwrite=overwrite,
        listeners=listeners,
        engine=engine,
    )


def _masks(given: Path, ids: Sequence[str]) -> dict[str, Any]:
    """By sample id the mask that belongs to it: the file given for all, or what a run found."""
    if not given.is_dir():
        return dict.fromkeys(ids, given)
    found = {one.id: one for one in records(given) if one.error is None}
    if missing := [id_ for id_ in ids if id_ not in found]:
        raise UserError(
            f"the former run has no masks of '{missing[0]}'",
            where=str(given),
            fix="give the folder of a run on the same images",
        )
    return {id_: _found(found[id_]) for id_ in ids}


def _found(record: Record) -> Masks:
    import torch

    stored = [one.segmentation for one in record.regions]
    encoded = [RLE(size=one["size"], counts=one["counts"]) for one in stored]
    return Masks(torch.from_numpy(decode_masks(encoded, record.size)))


def _identity(mask: Path | None) -> str | None:
    """A hash of the content of a mask, or of what a former run found."""
    if mask is None:
        return None
    file = mask / RECORDS if mask.is_dir() else mask
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else str(mask)


def records(folder: Path) -> Iterator[Record]:
    """The records of a run folder, in order."""
    return RunFolder.read(folder)
