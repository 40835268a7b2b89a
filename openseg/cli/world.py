"""`openseg world make`: procedural scenes with ground truth, in the benchmarks' formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openseg.cli import console

_LINES = 20

world = typer.Typer(help="Procedural scenes with ground truth.", no_args_is_help=True)

KIND = (
    "What to write. rooms: furnished rooms as ScanNet scenes; replica: as Replica scenes; "
    "coco: close views with instances, panoptic segments and parts; refcoco, "
    "grefcoco, parts: with sentences for one thing, any number of things, parts; "
    "bop: objects with templates, and tables to find them on."
)


@world.callback()
def group() -> None:
    """Procedural scenes with ground truth."""


@world.command()
def make(
    kind: Annotated[str, typer.Argument(help=KIND)],
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    split: Annotated[str, typer.Option(help="train, val, test_seen or test_unseen.")] = "test_seen",
    n: Annotated[int, typer.Option("--n", min=1, help="Number of scenes.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Each seed has scenes of its own.")] = 0,
    width: Annotated[
        int | None, typer.Option(min=1, help="Width of the pictures, if not the format's own.")
    ] = None,
    height: Annotated[
        int | None, typer.Option(min=1, help="Height of the pictures, if not the format's own.")
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, help="Processes that render, one core each.")
    ] = 1,
) -> None:
    """Render scenes of a split with ground truth, in the format of a benchmark.

    What was stopped goes on where it was when it is asked for again.
    """
    from openseg.mini.rooms.formats.kinds import find_writer

    def report(done: int, total: int) -> None:
        if done * _LINES // total > (done - 1) * _LINES // total:
            console.note(f"{done} of {total}")

    write = find_writer(kind)
    written = write(split, n, out, width, height, seed, processes=processes, report=report)
    console.say(f"{n} scenes of {split}: {out}{'' if written else ' (they were there already)'}")
