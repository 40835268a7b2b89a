"""`openseg world make`: procedural scenes with ground truth."""

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
    split: Annotated[str, typer.Argument(help="train, val, test_seen or test_unseen.")],
    out: Annotated[Path, typer.Option(help="Folder to write into.")],
    n: Annotated[int, typer.Option("--n", min=1, help="Number of scenes.")] = 10,
) -> None:
    """Render scenes of a split as images, COCO instances and phrases."""
    from openseg.mini.world import write_coco

    write_coco(split, n, out)
    console.say(f"{n} scenes of {split}: {out}")
