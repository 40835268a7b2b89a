"""The folder a run leaves: opened for one process at a time, appended to, finished."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

from openseg import __version__
from openseg.api.method import Method
from openseg.api.records import Record
from openseg.graph.events import Timings
from openseg.io.files import check_writable, write_atomic
from openseg.io.folder_lock import FolderLock
from openseg.io.jsonl import append_line, keep_lines, read_lines
from openseg.types.errors import InputError, UserError

FORMAT_VERSION = 1
RECORDS = "regions.jsonl"
SUMMARY = "run.json"


def run_identity(method: Method, text: str | None, boxes: Any, points: Any) -> dict[str, Any]:
    """What a run is: two runs with the same identity give the same results for the same image."""
    graph, models = method.graph, method.models
    return {
        "format": FORMAT_VERSION,
        "openseg": __version__,
        "method": dict(graph.resolved),
        "weights": {family: models.fingerprint(family) for family in graph.families()},
        "device": str(models.device),
        "text": text,
        "boxes": boxes,
        "points": points,
    }


class RunFolder:
    """An open run folder; use it as a context.

    Attributes:
        path: Where it lies.
        identity: What the run is.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any], lock: FolderLock) -> None:
        self.path = path
        self.identity = identity
        self._lock = lock
        self._appended = 0

    @classmethod
    def open(
        cls, path: Path, identity: Mapping[str, Any], *, resume: bool, overwrite: bool
    ) -> RunFolder:
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

    @staticmethod
    def read(path: Path) -> Iterator[Record]:
        """The records of a run folder.

        Raises:
            InputError: If there is no run, or it was written by a newer openseg.
        """
        if not (path / SUMMARY).is_file():
            raise InputError("there is no run in this folder", where=str(path))
        written = json.loads((path / SUMMARY).read_text())["identity"]["format"]
        if written > FORMAT_VERSION:
            raise InputError(
                f"written in format {written}, this openseg reads up to {FORMAT_VERSION}",
                where=str(path),
                fix="update openseg",
            )
        return (Record.from_json(line) for line in read_lines(path / RECORDS))

    def records(self) -> Iterator[Record]:
        """The records written so far, in order."""
        return (Record.from_json(line) for line in read_lines(self.path / RECORDS))

    def append(self, record: Record) -> None:
        """Adds a record; it is on its way to the disk when this returns."""
        append_line(self.path / RECORDS, record.as_json())
        self._appended += 1

    def commit(self) -> None:
        """Says that the records so far end a window: a stopped run is taken up again after them."""
        self._write_summary({"finished": False, "records": self._appended})

    def finish(self, timings: Timings, counts: Mapping[str, Any]) -> None:
        """Writes what the run cost and came to."""
        self._write_summary(
            {
                "finished": True,
                "counts": counts,
                "nodes": {name: asdict(node) for name, node in timings.nodes.items()},
                "models_seconds": timings.models,
                "peak_bytes": timings.peak_bytes,
            }
        )

    def __enter__(self) -> RunFolder:
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
        if summary.exists() and overwrite:
            self._clear()
        elif summary.exists() and not resume:
            raise UserError(
                "this folder already holds a run",
                where=str(self.path),
                fix="add --resume to go on with it, --overwrite to replace it",
            )
        elif summary.exists():
            before = json.loads(summary.read_text())
            self._check_same(before["identity"])
            if not before["finished"]:  # a window that was broken off is run again as a whole
                keep_lines(self.path / RECORDS, before["records"])
        self._appended = len(read_lines(self.path / RECORDS))
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
        for name in (RECORDS, SUMMARY, "coco.json", "coco_results.json"):
            (self.path / name).unlink(missing_ok=True)
        for name in ("overlay", "labelme"):
            shutil.rmtree(self.path / name, ignore_errors=True)

    @cached_property
    def _head(self) -> dict[str, Any]:
        """What `run.json` says from the first window to the last."""
        packages = ("torch", "transformers", "torchvision")
        identity = json.dumps(self.identity, sort_keys=True)
        return {
            "identity": self.identity,
            "fingerprint": hashlib.sha256(identity.encode()).hexdigest(),
            "versions": {
                "python": platform.python_version(),
                **{name: version(name) for name in packages},
            },
        }

    def _write_summary(self, state: Mapping[str, Any]) -> None:
        document = {**self._head, **state}
        text = json.dumps(document, indent=2, ensure_ascii=False)
        write_atomic(self.path / SUMMARY, f"{text}\n".encode())
