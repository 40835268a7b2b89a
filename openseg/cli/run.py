"""`openseg run METHOD`: a method over images or scenes, into a run folder."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openseg.cli import console
from openseg.cli.shared_options import EngineName, KeepsOutputs, Offline, RayAddress, Workers

if TYPE_CHECKING:
    from openseg.api.supports import Support


def run(
    method: Annotated[str, typer.Argument(help="A pipeline's name or a YAML file.")],
    image: Annotated[
        list[str] | None, typer.Option(help="An image file, a folder or a glob; or a URL of one.")
    ] = None,
    scene: Annotated[
        list[str] | None,
        typer.Option(help="Instead of images, the folder of a posed RGB-D scene; or a glob."),
    ] = None,
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
    mask: Annotated[
        Path | None,
        typer.Option(
            help="A mask drawn on the image, or a former run's folder; give former clicks again."
        ),
    ] = None,
    support: Annotated[
        list[str] | None, typer.Option(help="A picture of what to look for; may be repeated.")
    ] = None,
    support_mask: Annotated[
        list[str] | None, typer.Option(help="The mask of the thing in each --support, in order.")
    ] = None,
    support_name: Annotated[
        list[str] | None, typer.Option(help="What each --support shows; one thing without names.")
    ] = None,
    objects: Annotated[
        Path | None,
        typer.Option(help="Labelled points or proposals of scenes: a file, or a folder of them."),
    ] = None,
    weights: Annotated[
        str, typer.Option(help="mini, base, large, or a folder; others so: mini,vlm=DIR.")
    ] = "mini",
    record: Annotated[
        Path | None, typer.Option(help="Keep the replies of language models in this file.")
    ] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="Change a setting: node.key=value.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, float16, bfloat16.")] = "auto",
    batch: Annotated[int, typer.Option(min=1, help="Images a stage sees at once.")] = 8,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many images or scenes.")
    ] = None,
    out: Annotated[
        str | None, typer.Option(help="The run folder or its URL; default runs/METHOD, numbered.")
    ] = None,
    formats: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="What to write, default all: overlay,coco,labelme for images, "
            "overlay,ply,scannet,gltf for scenes.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that stopped.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a run that lies in the folder.")
    ] = False,
    cache: KeepsOutputs = True,
    engine: EngineName = "local",
    ray_address: RayAddress = None,
    workers: Workers = None,
    offline: Offline = False,
    profiled: Annotated[
        bool,
        typer.Option("--profile", help="Say where the time went: models, glue, waiting."),
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Run a method on images or scenes; write masks, scores and pictures into a run folder."""
    warnings.filterwarnings("ignore", module="PIL")  # they do not name the file; our errors do
    if offline:  # read by huggingface_hub when it is imported, so before anything imports it
        os.environ["HF_HUB_OFFLINE"] = "1"
    from openseg.api.engines import engine_of
    from openseg.api.method import default_cache, load
    from openseg.api.published import published
    from openseg.api.runs import FORMATS, RunRequest, run_images
    from openseg.api.scenes.runs import SCENE_FORMATS, SceneRunRequest, run_scenes
    from openseg.cli.progress import Remarks, progress
    from openseg.graph.profile import Profile
    from openseg.io.paths import find_images
    from openseg.io.scenes.finding import find_scenes
    from openseg.models.watched import WatchedStore

    where = engine_of(engine, ray_address, workers)
    _check_engine(engine, record, profiled)
    drawn = [box, point, scribble, negative_point, support, [str(mask)] if mask else None]
    _check_inputs(image, scene, drawn=drawn, objects=objects)
    scenes = SceneRunRequest(
        paths=find_scenes(scene or []),
        text=text,
        objects=objects,
        formats=_formats(formats, SCENE_FORMATS) if scene else SCENE_FORMATS,
        limit=limit,
    )
    images = RunRequest(
        paths=find_images(image) if image else [],
        text=text,
        boxes=[_numbers(one, 4, "--box") for one in box or []] or None,
        points=[_numbers(one, 2, "--point") for one in point or []] or None,
        scribbles=[_stroke(one) for one in scribble or []] or None,
        negative_points=[_numbers(one, 2, "--negative-point") for one in negative_point or []]
        or None,
        supports=_supports(support or [], support_mask or [], support_name or []),
        mask=mask,
        formats=_formats(formats, FORMATS) if image else FORMATS,
        limit=limit,
    )
    profile = Profile()
    clocked = {"weights": weights, "device": device, "dtype": dtype, "record": record}
    loaded = load(
        method,
        weights,
        device=device,
        dtype=dtype,
        settings=sets or [],
        batch=batch,
        cache=default_cache() if cache else None,
        models=WatchedStore(profile.called, **clocked) if profiled else None,
        record=record,
    )
    target = out or str(_fresh(Path("runs") / loaded.graph.name))
    stoppable = console.stoppable("go on with --resume")
    with stoppable, published(target) as (folder, copying), progress() as bars:
        listeners = [bars, Remarks(), *([profile] if profiled else []), *copying]
        if scene:
            summary = run_scenes(
                loaded,
                scenes,
                folder,
                resume=resume,
                overwrite=overwrite,
                listeners=listeners,
                engine=where,
            )
        else:
            summary = run_images(
                loaded,
                images,
                folder,
                resume=resume,
                overwrite=overwrite,
                listeners=listeners,
                engine=where,
            )
    for remark in summary.remarks:
        console.complain(remark)
    if json_:
        more = {"profile": profile.as_json()} if profiled else {}
        console.say_json(summary.as_json() | {"out": target} | more)
    else:
        console.say("\n".join(summary.lines()).replace(str(folder), target))
        if profiled:
            console.say("\n" + console.table(profile.rows(), profile.HEAD))
            console.say(profile.summary())
    raise typer.Exit(summary.exit_code)


def _stroke(text: str) -> list[list[float]]:
    """Parses `1,2 3,4 5,6`."""
    return [_numbers(one, 2, "--scribble") for one in text.split()]


def _supports(images: list[str], masks: list[str], names: list[str]) -> list[Support]:
    """Pairs each picture with its mask and its name."""
    from openseg.api.supports import Support
    from openseg.types.errors import UserError

    if len(masks) != len(images):
        raise UserError(
            f"{len(images)} support images, {len(masks)} masks",
            where="--support-mask",
            fix="give each --support its mask, in the same order",
        )
    if names and len(names) != len(images):
        raise UserError(
            f"{len(images)} support images, {len(names)} names",
            where="--support-name",
            fix="name each --support, in the same order, or none",
        )
    return [Support(*one) for one in zip(images, masks, names or [""] * len(images), strict=True)]


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


def _formats(text: str | None, known: frozenset[str]) -> frozenset[str]:
    from openseg.types.errors import UserError

    if text is None:
        return known
    names = frozenset(part.strip() for part in text.split(",") if part.strip())
    if unknown := sorted(names - known):
        fix = f"use {', '.join(sorted(known))}"
        raise UserError(f"there is no format '{unknown[0]}'", where="--format", fix=fix)
    return names


def _check_inputs(
    image: list[str] | None,
    scene: list[str] | None,
    drawn: list[list[str] | None],
    objects: Path | None,
) -> None:
    """Refuses a call without images and scenes, with both, or with what the other kind takes."""
    from openseg.types.errors import UserError

    if not image and not scene:
        raise UserError("nothing to run on is given", fix="add --image FILE or --scene DIR")
    if image and scene:
        raise UserError("images and scenes are given", fix="choose --image or --scene")
    if image and objects:
        raise UserError("--objects are for scenes, not images", fix="add --scene DIR")
    if scene and any(drawn):
        fix = "say what to look for by --text"
        what = "boxes, points, scribbles, masks and supports are for images, not scenes"
        raise UserError(what, fix=fix)


def _check_engine(engine: str, record: Path | None, profiled: bool) -> None:
    """Refuses what only one process can do."""
    from openseg.types.errors import UserError

    if engine != "local" and (record or profiled):
        asked = "--record" if record else "--profile"
        raise UserError("is for one process", where=asked, fix="leave --engine out")


def _fresh(folder: Path) -> Path:
    """The folder itself, or the first of `folder-2`, `folder-3`, ... that does not exist."""
    number, fresh = 1, folder
    while fresh.exists():
        number += 1
        fresh = folder.with_name(f"{folder.name}-{number}")
    return fresh
