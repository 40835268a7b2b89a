"""`openseg run METHOD`: a method over images, into a run folder."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Annotated

import typer

from openseg.cli import console


def run(
    method: Annotated[str, typer.Argument(help="A pipeline's name or a YAML file.")],
    image: Annotated[list[str], typer.Option(help="An image file, a folder or a glob.")],
    text: Annotated[
        str | None, typer.Option(help="What to look for; phrases separated by ';'.")
    ] = None,
    box: Annotated[
        list[str] | None, typer.Option(help="A box: left,top,right,bottom in pixels.")
    ] = None,
    point: Annotated[list[str] | None, typer.Option(help="A point: x,y in pixels.")] = None,
    scribble: Annotated[
        list[str] | None, typer.Option(help="A stroke inside a thing: 'x,y x,y ...' in pixels.")
    ] = None,
    negative_point: Annotated[
        list[str] | None, typer.Option(help="A point outside of things asked for by points: x,y.")
    ] = None,
    weights: Annotated[str, typer.Option(help="mini, base, large, or a folder.")] = "mini",
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="Change a setting: node.key=value.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, float16, bfloat16.")] = "auto",
    batch: Annotated[int, typer.Option(min=1, help="Images a stage sees at once.")] = 8,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many images.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The run folder; default runs/METHOD, numbered.")
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", help="Which of overlay,coco,labelme to write.")
    ] = "overlay,coco,labelme",
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that stopped.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a run that lies in the folder.")
    ] = False,
    cache: Annotated[bool, typer.Option(help="Keep outputs of nodes for the next run.")] = True,
    offline: Annotated[
        bool, typer.Option("--offline", help="Forbid every library to use the network.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run a method on images and write masks, scores and pictures into a run folder."""
    warnings.filterwarnings("ignore", module="PIL")  # they do not name the file; our errors do
    if offline:  # read by huggingface_hub when it is imported, so before anything imports it
        os.environ["HF_HUB_OFFLINE"] = "1"
    from openseg.api.method import default_cache, load
    from openseg.api.runs import RunRequest, run_images
    from openseg.cli.progress import Remarks, progress
    from openseg.io.paths import find_images

    paths = find_images(image)
    request = RunRequest(
        paths=paths,
        text=text,
        boxes=[_numbers(one, 4, "--box") for one in box or []] or None,
        points=[_numbers(one, 2, "--point") for one in point or []] or None,
        scribbles=[_stroke(one) for one in scribble or []] or None,
        negative_points=[_numbers(one, 2, "--negative-point") for one in negative_point or []]
        or None,
        formats=_formats(formats),
        limit=limit,
    )
    loaded = load(
        method,
        weights,
        device=device,
        dtype=dtype,
        settings=sets or [],
        batch=batch,
        cache=default_cache() if cache else None,
    )
    folder = out or _fresh(Path("runs") / loaded.graph.name)
    with progress() as bars:
        summary = run_images(
            loaded, request, folder, resume=resume, overwrite=overwrite, listeners=[bars, Remarks()]
        )
    if json_:
        console.say_json(summary.as_json())
    else:
        console.say("\n".join(summary.lines()))
    raise typer.Exit(summary.exit_code)


def _stroke(text: str) -> list[list[float]]:
    """Parses `1,2 3,4 5,6`."""
    return [_numbers(one, 2, "--scribble") for one in text.split()]


def _numbers(text: str, count: int, option: str) -> list[float]:
    """Parses `1,2,3,4`."""
    from openseg.types.errors import UserError

    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count:
        raise UserError(f"'{text}' is not {count} numbers separated by commas", where=option)
    return values


def _formats(text: str) -> frozenset[str]:
    from openseg.api.runs import FORMATS
    from openseg.types.errors import UserError

    names = frozenset(part.strip() for part in text.split(",") if part.strip())
    if unknown := sorted(names - FORMATS):
        known = ", ".join(sorted(FORMATS))
        raise UserError(f"there is no format '{unknown[0]}'", where="--format", fix=f"use {known}")
    return names


def _fresh(folder: Path) -> Path:
    """The folder itself, or the first of `folder-2`, `folder-3`, ... that does not exist."""
    number, fresh = 1, folder
    while fresh.exists():
        number += 1
        fresh = folder.with_name(f"{folder.name}-{number}")
    return fresh
