"""`openseg validate METHOD|SCENE`: every fault of a method or a scene, before any model runs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openseg.cli import console

if TYPE_CHECKING:
    from openseg.api.scenes.check import SceneCheck
    from openseg.graph.method.problem import Problem


def validate(
    what: Annotated[
        list[str],
        typer.Argument(
            help="Pipelines' names, YAML files, or scenes: folders or their scene.yaml."
        ),
    ],
    pictures: Annotated[
        Path | None, typer.Option(help="Where to draw each scene's points over its frames.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check methods and scenes and name every fault with its place and a suggestion."""
    from openseg.io.scenes.layout import describes_scene

    problems: list[Problem] = []
    for name in what:
        if Path(name).is_dir() or describes_scene(Path(name)):
            from openseg.api.scenes.check import check_scene

            found = check_scene(name)
            problems += found.problems
            if pictures is not None:
                _draw(found, pictures)
            if not json_:
                console.say(_summary(found))
        else:
            from openseg.graph.loader import check
            from openseg.models.store import ModelStore

            problems += check(name, ModelStore())
    _print(what, problems, as_json=json_)
    if problems:
        raise typer.Exit(2)


def _print(what: list[str], problems: Iterable[Problem], *, as_json: bool) -> None:
    rows = [{"where": p.where, "what": p.what, "fix": p.fix} for p in problems]
    if as_json:
        console.say_json({"ok": not rows, "problems": rows})
        return
    for problem in problems:
        console.say(str(problem))
    if not rows:
        console.say(f"{', '.join(what)}: no faults found")


def _summary(found: SceneCheck) -> str:
    agree = "no points to compare" if found.share is None else f"{found.share:.1%} within 5 cm"
    return (
        f"{found.scene} ({found.layout}): {found.frames} frames, {found.left_out} left out, "
        f"{found.points} points, {agree}"
    )


def _draw(found: SceneCheck, folder: Path) -> None:
    import PIL.Image

    from openseg.api.scenes.agreement_picture import draw

    folder.mkdir(parents=True, exist_ok=True)
    for number, probe in enumerate(found.probes):
        PIL.Image.fromarray(draw(probe)).save(folder / f"{found.scene}-{number}.png")
