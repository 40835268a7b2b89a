"""The contract of a task, and the two ways in which predictions reach the disk."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from openseg.io.jsonl import append_line, keep_lines
from openseg_evals.rle import RLE
from openseg_evals.samples import EvalSample, Target
from openseg_evals.tasks.answer import Answer

Lines = list[dict[str, Any]]


class Predictions(Protocol):
    """The predictions of one method on their way to the disk.

    Samples, answers and targets are those of images or of scenes, as the task is for.
    """

    @property
    def path(self) -> Path:
        """What the metric takes as `--pred`, once finished."""

    def write(self, sample: Any, answer: Any) -> None:
        """Writes a sample's answer; None for a sample on which the method failed."""

    def mark(self) -> int:
        """How far the file has come, for `back_to`."""

    def back_to(self, mark: int) -> None:
        """Forgets everything after a mark: a window that was broken off is run again.

        Called once before the first `write`, also for a new file.
        """

    def finish(self) -> None:
        """Writes what can only be written at the end."""

    def regions(self, sample: Any) -> list[Any]:
        """Reads back what was predicted for a sample, best first, for pictures."""


class Task(Protocol):
    """How answers to a kind of benchmark are written."""

    def __call__(self, folder: Path, options: Mapping[str, str]) -> Predictions:
        """Opens the predictions of one method.

        Args:
            folder: A folder of the method's own.
            options: The metric's conventions.
        """


class LineFile:
    """Predictions as JSON lines.

    A file may be larger than memory: it is appended to, and never read as a whole.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._written = 0
        if not path.exists():  # a method that finds nothing has a file all the same
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    def append(self, lines: Lines) -> None:
        """Appends the lines of an answer; each begins with the keys of its sample."""
        for line in lines:
            append_line(self.path, line)
        self._written += len(lines)

    def mark(self) -> int:
        """Lines written so far."""
        return self._written

    def back_to(self, mark: int) -> None:
        """Cuts the file off after so many lines."""
        keep_lines(self.path, mark)
        self._written = mark

    def finish(self) -> None:
        """Nothing is left to do."""

    def lines_of(self, key: Mapping[str, Any]) -> Lines:
        """The lines that begin with the keys of a sample, as `append_line` writes them."""
        start = json.dumps(dict(key), separators=(",", ":"))[:-1].encode() + b","
        with self.path.open("rb") as file:
            return [json.loads(line) for line in file if line.startswith(start)]


class LinePredictions(LineFile):
    """Masks as JSON lines.

    Args:
        path: The file.
        to_lines: The lines of a sample's answer; each begins with the keys of the sample.
        phrase_of: The first phrase of a line's class.
    """

    def __init__(
        self,
        path: Path,
        to_lines: Callable[[EvalSample, Answer | None], Lines],
        phrase_of: Callable[[EvalSample, Mapping[str, Any]], int] = lambda _sample, _line: 0,
    ) -> None:
        super().__init__(path)
        self._to_lines = to_lines
        self._phrase_of = phrase_of

    def write(self, sample: EvalSample, answer: Answer | None) -> None:
        """Appends the lines of an answer."""
        self.append(self._to_lines(sample, answer))

    def regions(self, sample: EvalSample) -> list[Target]:
        """The masks of a sample's lines by falling score.

        A ranking of scored regions has no natural end: as many are given as are true.
        """
        mine = sorted(self.lines_of(sample.key), key=lambda line: -line.get("score", 0.0))
        if mine and "score" in mine[0]:
            mine = mine[: len(sample.targets())]
        return [
            Target(self._phrase_of(sample, line), as_rle(line["segmentation"]))
            for line in mine
            if line["segmentation"] is not None
        ]


def as_rle(segmentation: Mapping[str, Any]) -> RLE:
    """A mask as the files hold it, for `openseg_evals.rle`."""
    return {"size": list(segmentation["size"]), "counts": segmentation["counts"].encode()}
