"""`openseg world make`: procedural scenes with ground truth, in the benchmarks' formats."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openseg.cli import console

world = typer.Typer(help="Procedural scenes with ground truth.", no_args_is_help=True)


@world.callback()
def group() -> None:
    """Procedural scenes with ground truth."""


@world.command()
def make(
    kind: Annotated[str, typer.Argument(help="coco, refcoco or grefcoco: the files to write.")],
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    split: Annotated[str, typer.Option(help="train, val, test_seen or test_unseen.")] = "test_seen",
    n: Annotated[int, typer.Option("--n", min=1, help="Number of scenes.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="Each seed has scenes of its own.")] = 0,
) -> None:
    """Render scenes of a split as images with masks and expressions."""
    from openseg.mini.world.formats.kinds import find_writer

    written = find_writer(kind)(split, n, out, seed=seed)
    console.say(f"{n} scenes of {split}: {out}{'' if written else ' (they were there already)'}")
