"""`openseg doctor`: what is installed, which device is there, which methods can run now."""

from __future__ import annotations

from typing import Annotated

import typer

from openseg.cli import console


def doctor(
    weights: Annotated[str, typer.Option(help="Profile or folder to check.")] = "mini",
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what is installed, which device is there, and which methods can run now."""
    from openseg.api.doctor import examine

    report = examine(weights)
    if json_:
        problems = [{"where": p.where, "what": p.what, "fix": p.fix} for p in report.problems]
        console.say_json({"ok": not report.problems, "problems": problems})
        return
    console.say(f"device    {report.device}")
    for name, version in report.packages.items():
        console.say(f"package   {name} {version or 'not installed'}")
    for name in report.ready:
        console.say(f"method    {name}: can run with {weights} weights")
    for problem in report.problems:
        console.say(f"problem   {problem}")
