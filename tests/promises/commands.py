"""`openseg` in processes of their own that may be killed, forked from one that has imported all.

A process that imports everything anew needs seconds to begin; fifty of them would need minutes.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import torch  # noqa: F401 (imported once, before any fork)

import openseg.api.engines
import openseg.api.runs
import openseg.api.scenes.runs
import openseg.cli.main
import openseg.cli.progress
import openseg.models.watched
import openseg_evals.cli.eval
import openseg_evals.report.write
import openseg_evals.run.evaluate  # noqa: F401
from openseg.graph import registry
from tests.evals.run.toys import WIDTHS, Cut, Find, Shrink, write_data, write_method

WAIT = 300.0
"""Seconds; other work may take the machine's cores."""

Preparation = Callable[[], None]
"""What is done to the process before the command begins: a fault, mostly."""


@dataclass(frozen=True)
class Done:
    """What a command that ended left: its exit code and both streams."""

    code: int
    output: str
    errors: str


class Place:
    """A folder in which commands are given: data, methods and outputs lie in it.

    Args:
        folder: The folder.
        images: Pictures of three coloured rectangles, each asked for in a sentence.
    """

    def __init__(self, folder: Path, images: int) -> None:
        self.folder = folder
        self.images = write_data(folder / "data", images=images) / "images"
        write_method(folder, "two")
        (folder / "toy.yaml").write_text(
            "about: Rectangles.\ndataset: {use: refcoco, folder: toys, options: {by: unc}}\n"
            "task: referring\nmetric: referring\nmain: mIoU\n"
        )
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload([__name__])

    def start(self, *words: str, before: Preparation | None = None, **more: str) -> BaseProcess:
        """Begins a command; its streams go to files.

        Args:
            words: What is given to `openseg`.
            before: Called in the process before the command begins.
            more: Variables of its environment.
        """
        environment = {"OPENSEG_CACHE": str(self.folder / "cache"), **more}
        arguments: tuple[Any, ...] = (words, self.folder, environment, before)
        process = self._context.Process(target=_command, args=arguments)
        process.start()
        return process

    def call(self, *words: str, before: Preparation | None = None, **more: str) -> Done:
        """Gives a command and waits for its end."""
        return self.end(self.start(*words, before=before, **more))

    def end(self, process: BaseProcess) -> Done:
        """Waits for a command's end."""
        process.join(WAIT)
        assert process.exitcode is not None, "it hangs"
        texts = [self.folder / f"{process.pid}.{name}" for name in ("out", "err")]
        output, errors = (path.read_text() if path.exists() else "" for path in texts)
        for path in texts:
            path.unlink(missing_ok=True)
        return Done(process.exitcode, output, errors)

    def run(self, out: str | Path, *more: str) -> tuple[str, ...]:
        """The words of a run on all pictures."""
        query = "; ".join(WIDTHS)
        given = ("two.yaml", "--image", str(self.images), "--text", query, "--batch", "2")
        # LabelMe's files name their image from where they lie.
        return ("run", *given, "--format", "overlay,coco", "--out", str(out), *more)

    def eval(self, out: str | Path, *more: str) -> tuple[str, ...]:
        """The words of an evaluation on all sentences."""
        given = ("toy.yaml", "--pipeline", "two.yaml", "--batch", "2")
        return ("eval", *given, "--out", str(out), *more)


def _command(
    words: tuple[str, ...],
    place: Path,
    environment: Mapping[str, str],
    before: Preparation | None,
) -> None:
    for stage in (Find, Cut, Shrink):
        registry._stages[stage.name] = stage
    os.environ.update(environment)
    os.chdir(place)
    for name, stream in (("out", sys.stdout), ("err", sys.stderr)):
        with Path(f"{os.getpid()}.{name}").open("wb") as file:
            os.dup2(file.fileno(), {"out": 1, "err": 2}[name])
        stream.flush()
    sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w", buffering=1)
    sys.argv = ["openseg", *words]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's `&` had it ignored
    if before is not None:
        before()
    openseg.cli.main.run()


COSTS = {"run.json", "timings.json", "report.md", "report.html"}
"""Files that say how long something took."""


def files(folder: Path) -> dict[str, bytes]:
    """Every file whose bytes must not depend on what happened to the run."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in COSTS
    }
