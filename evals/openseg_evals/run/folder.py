"""The folder an evaluation leaves, open for one process at a time.

`eval.json` says what is evaluated and how far it has come; it is written at the end of every
window, after the predictions. What lies behind its marks is cut off when the run is taken up
again, so a killed run ends with the same bytes as one that was not.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from openseg.io.files import sweep, write_atomic
from openseg.io.folder_lock import FolderLock
from openseg.types.errors import InputError, UserError

FORMAT_VERSION = 1
STATE = "eval.json"
WRITTEN = (
    "failures.jsonl",
    "predictions",
    "report.html",
    "report.md",
    "results.json",
    "timings.json",
    "truth",
    "units.jsonl",
    "waterfalls",
)
"""Everything an evaluation writes beside its state; shards are evaluations of their own."""


class EvalFolder:
    """An open evaluation folder; use it as a context.

    Attributes:
        path: Where it lies.
        done: Samples whose predictions are complete.
        marks: How far each file had come then.
        finished: Whether all samples are done.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any], lock: FolderLock) -> None:
        self.path = path
        self.done = 0
        self.marks: dict[str, int] = {}
        self.finished = False
        self._identity = json.loads(json.dumps(identity))
        self._lock = lock

    @classmethod
    def open(cls, path: Path, identity: Mapping[str, Any], *, overwrite: bool) -> EvalFolder:
        """Opens a folder, to begin an evaluation or to go on with it.

        Args:
            path: The folder; made if missing.
            identity: What the evaluation is; the same identity gives the same files.
            overwrite: Remove the evaluation that lies there.

        Raises:
            UserError: If it cannot be written, is in use, or holds another evaluation.
        """
        folder = cls(path, identity, FolderLock(path, "another evaluation"))
        try:
            if overwrite:
                folder._clear()
            sweep(path, WRITTEN)
            folder._take_up()
        except BaseException:
            folder._lock.release()
            raise
        return folder

    def begin(self) -> None:
        """Makes the folder this evaluation's, before the first prediction."""
        self.commit(self.done, self.marks)

    def commit(self, done: int, marks: Mapping[str, int], *, finished: bool = False) -> None:
        """Says how far the files have come; what they hold must have been written before."""
        self.done, self.marks, self.finished = done, dict(marks), finished
        document = {
            "identity": self._identity,
            "finished": finished,
            "samples": done,
            "marks": self.marks,
        }
        self.write_json(STATE, document)

    def write_json(self, name: str, document: Any) -> None:
        """Writes a file of the folder in one step."""
        text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
        write_atomic(self.path / name, f"{text}\n".encode())

    def __enter__(self) -> EvalFolder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._lock.release()

    def _take_up(self) -> None:
        state = read_state(self.path)
        if state is None:
            return
        before = state["identity"]
        if different := [key for key in self._identity if before.get(key) != self._identity[key]]:
            raise UserError(
                f"the evaluation there differs in: {', '.join(different)}",
                where=str(self.path),
                fix="choose another --out, or --overwrite",
            )
        self.done, self.marks = state["samples"], state["marks"]
        self.finished = state["finished"]

    def _clear(self) -> None:
        for name in (STATE, *WRITTEN):
            path = self.path / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)


def read_state(path: Path) -> dict[str, Any] | None:
    """What `eval.json` says, None if there is no evaluation.

    Raises:
        InputError: If it is damaged or was written by a newer openseg.
    """
    file = path / STATE
    if not file.is_file():
        return None
    damaged = InputError("is damaged", where=str(file), fix="choose another --out, or --overwrite")
    try:
        state: dict[str, Any] = json.loads(file.read_text("utf-8"))
        version = int(state["identity"]["format"])
    except (OSError, ArithmeticError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise damaged from error
    if version > FORMAT_VERSION:
        raise InputError(
            f"written in format {version}, this openseg reads up to {FORMAT_VERSION}",
            where=str(file),
            fix="update openseg",
        )
    if not _is_state(state):
        raise damaged
    return state


def _is_state(state: Mapping[str, Any]) -> bool:
    """Whether it says how far an evaluation has come."""
    marks = state.get("marks")
    return (
        isinstance(state.get("finished"), bool)
        and isinstance(marks, dict)
        and all(_is_count(one) for one in [state.get("samples"), *marks.values()])
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
