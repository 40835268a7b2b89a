"""The folder a run leaves: opened for one process at a time, appended to, finished."""

from __future__ import annotations

import hashlib
import json
import math
import platform
import shutil
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from openseg import __version__
from openseg.api.inputs import Request
from openseg.api.method import Method
from openseg.api.records import Record
from openseg.api.scenes.records import CLOUDS, SceneRecord
from openseg.api.spending import Report, together
from openseg.graph.address import digest
from openseg.graph.events import Timings
from openseg.io.files import check_writable, sweep, write_atomic
from openseg.io.folder_lock import FolderLock
from openseg.io.jsonl import append_line, each_line, keep_lines
from openseg.types.errors import InputError, UserError

FORMAT_VERSION = 1
RECORDS = "regions.jsonl"
SCENES = "scenes.jsonl"
SUMMARY = "run.json"

_FILES = (RECORDS, SCENES, SUMMARY, "coco.json", "coco_results.json")
_FOLDERS = ("overlay", "labelme", "ply", "scannet", "gltf", CLOUDS)


class Stored(Protocol):
    """A record of any kind."""

    def as_json(self) -> dict[str, Any]:
        """Plain data."""


R = TypeVar("R", bound=Stored)


def run_identity(method: Method, request: Request) -> dict[str, Any]:
    """What a run is: two runs with the same identity give the same results for the same image."""
    graph, models = method.graph, method.models
    return {
        "format": FORMAT_VERSION,
        "openseg": __version__,
        "method": dict(graph.resolved),
        "weights": {family: models.fingerprint(family) for family in graph.families()},
        "device": str(models.device),
        "text": request.text,
        "boxes": request.boxes,
        "points": request.points,
        "scribbles": request.scribbles,
        "negative_points": request.negative_points,
        "templates": digest(request.templates) if request.templates is not None else None,
    }


class AnyRunFolder(ABC, Generic[R]):
    """An open run folder with records of one kind; use it as a context.

    Attributes:
        path: Where it lies.
        identity: What the run is.
        run: A name of this very run, the same whenever it is taken up again.
    """

    kind: ClassVar[str]
    """What the samples are."""

    file: ClassVar[str]
    """The file of the records."""

    def __init__(self, path: Path, identity: Mapping[str, Any], lock: FolderLock) -> None:
        self.path = path
        self.identity = identity
        self.run = uuid.uuid4().hex
        self._lock = lock
        self._appended = 0
        self._spent: Mapping[str, Report] = {}

    @staticmethod
    @abstractmethod
    def parse(line: Mapping[str, Any]) -> R:
        """The record of a line."""

    @classmethod
    def open(
        cls, path: Path, identity: Mapping[str, Any], *, resume: bool, overwrite: bool
    ) -> Self:
        """Opens a folder for a run.

        Args:
            path: The folder; made if missing.
            identity: What the run is, from `run_identity`.
            resume: Go on with the run that lies there, if any.
            overwrite: Remove the run that lies there, if any.

        Raises:
            UserError: If it cannot be written, is in use, or holds a run that is neither to be
                replaced nor the same.
        """
        check_writable(path)
        folder = cls(path, identity, FolderLock(path, "another openseg run"))
        try:
            folder._begin(resume, overwrite)
        except BaseException:
            folder._lock.release()
            raise
        return folder

    @classmethod
    def read(cls, path: Path) -> Iterator[R]:
        """The records of a run folder.

        Raises:
            InputError: If there is no run, it is of another kind, or it was written by a newer
                openseg.
        """
        kind = kind_of(path)
        if kind != cls.kind:
            raise InputError(f"holds a run on {kind}, not on {cls.kind}", where=str(path))
        return (cls.parse(line) for line in each_line(path / cls.file))

    def records(self) -> Iterator[R]:
        """The records written so far, in order."""
        return (self.parse(line) for line in each_line(self.path / self.file))

    def append(self, record: R) -> None:
        """Adds a record; it is on its way to the disk when this returns."""
        append_line(self.path / self.file, record.as_json())
        self._appended += 1

    def commit(self, spent: Mapping[str, Report] = MappingProxyType({})) -> None:
        """Says that the records so far end a window: a stopped run is taken up again after them.

        Args:
            spent: What language models cost this process so far, by family.
        """
        spending = together(self._spent, spent)
        self._write_summary({"finished": False, "records": self._appended, "spending": spending})

    def finish(
        self,
        timings: Timings,
        counts: Mapping[str, Any],
        spent: Mapping[str, Report] = MappingProxyType({}),
    ) -> None:
        """Writes what the run cost and came to.

        Args:
            timings: Of this process.
            counts: Of the whole folder.
            spent: What language models cost this process, by family.
        """
        self._write_summary(
            {
                "finished": True,
                "counts": counts,
                "nodes": {name: asdict(node) for name, node in timings.nodes.items()},
                "models_seconds": timings.models,
                "peak_bytes": timings.peak_bytes,
                "spending": together(self._spent, spent),
            }
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._lock.release()

    def _begin(self, resume: bool, overwrite: bool) -> None:
        summary = self.path / SUMMARY
        sweep(self.path, _FOLDERS)
        if summary.exists() and overwrite:
            self._clear()
        elif summary.exists() and not resume:
            raise UserError(
                "this folder already holds a run",
                where=str(self.path),
                fix="add --resume to go on with it, --overwrite to replace it",
            )
        elif summary.exists():
            before = _read_summary(self.path)
            self._check_same(before["identity"])
            self._spent = before.get("spending", {})
            self.run = before.get("run", self.run)
            if not before["finished"]:  # a window that was broken off is run again as a whole
                keep_lines(self.path / self.file, before["records"])
        self._appended = sum(1 for _ in each_line(self.path / self.file))
        self.commit()

    def _check_same(self, before: Mapping[str, Any]) -> None:
        now = json.loads(json.dumps(self.identity))
        if different := [key for key in now if before.get(key) != now[key]]:
            raise UserError(
                f"the run there differs in: {', '.join(different)}",
                where=str(self.path),
                fix="choose another --out, or --overwrite",
            )

    def _clear(self) -> None:
        """Removes what a run writes, and nothing else."""
        for name in _FILES:
            (self.path / name).unlink(missing_ok=True)
        for name in _FOLDERS:
            shutil.rmtree(self.path / name, ignore_errors=True)

    @cached_property
    def _head(self) -> dict[str, Any]:
        """What `run.json` says from the first window to the last."""
        packages = ("torch", "transformers", "torchvision")
        identity = json.dumps(self.identity, sort_keys=True)
        return {
            "identity": self.identity,
            "fingerprint": hashlib.sha256(identity.encode()).hexdigest(),
            "run": self.run,
            "versions": {
                "python": platform.python_version(),
                **{name: version(name) for name in packages},
            },
        }

    def _write_summary(self, state: Mapping[str, Any]) -> None:
        document = {**self._head, **state}
        text = json.dumps(document, indent=2, ensure_ascii=False)
        write_atomic(self.path / SUMMARY, f"{text}\n".encode())


class RunFolder(AnyRunFolder[Record]):
    """The folder of a run on images: a line of `regions.jsonl` an image."""

    kind = "images"
    file = RECORDS

    @staticmethod
    def parse(line: Mapping[str, Any]) -> Record:
        """The record of an image."""
        return Record.from_json(line)


class SceneRunFolder(AnyRunFolder[SceneRecord]):
    """The folder of a run on scenes: a line of `scenes.jsonl` a scene."""

    kind = "scenes"
    file = SCENES

    @staticmethod
    def parse(line: Mapping[str, Any]) -> SceneRecord:
        """The record of a scene."""
        return SceneRecord.from_json(line)


def kind_of(path: Path) -> str:
    """What the run in a folder is on: `images` or `scenes`.

    Raises:
        InputError: If there is no run, it is damaged, or it was written by a newer openseg.
    """
    if not (path / SUMMARY).is_file():
        raise InputError("there is no run in this folder", where=str(path))
    return str(_read_summary(path)["identity"].get("kind", RunFolder.kind))


def _is_summary(document: Mapping[str, Any]) -> bool:
    """Whether it says how far a run has come and what it spent; what has no such shape raises."""
    done = document["records"] if document["finished"] is not True else 0
    spent = [one for family in document.get("spending", {}).values() for one in family.values()]
    return (
        isinstance(done, int)
        and done >= 0
        and all(isinstance(one, str) or math.isfinite(one) for one in spent)
    )


def _read_summary(path: Path) -> dict[str, Any]:
    """What `run.json` says, or an `InputError`: it is damaged, or of a newer openseg."""
    try:
        document: dict[str, Any] = json.loads((path / SUMMARY).read_text("utf-8"))
        written = int(document["identity"]["format"])
        json.dumps(document, ensure_ascii=False).encode()  # half a surrogate pair cannot be kept
        known = _is_summary(document)
    except (
        OSError,
        ArithmeticError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        RecursionError,
    ):
        known = False
    if not known:
        fix = "choose another --out, or --overwrite"
        raise InputError("cannot be read: it is damaged", where=str(path / SUMMARY), fix=fix)
    if written > FORMAT_VERSION:
        raise InputError(
            f"written in format {written}, this openseg reads up to {FORMAT_VERSION}",
            where=str(path),
            fix="update openseg",
        )
    return document
