"""`openseg validate METHOD`: every fault of a method's YAML, before anything loads."""

from __future__ import annotations

from typing import Annotated

import typer

from openseg.cli import console


def validate(
    method: Annotated[list[str], typer.Argument(help="Pipelines' names or YAML files.")],
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check methods and name every fault with file, line and a suggestion."""
    from openseg.graph.loader import check
    from openseg.models.store import ModelStore

    store = ModelStore()
    problems = [problem for name in method for problem in check(name, store)]
    if json_:
        rows = [{"where": p.where, "what": p.what, "fix": p.fix} for p in problems]
        console.say_json({"ok": not problems, "problems": rows})
    else:
        for problem in problems:
            console.say(str(problem))
        if not problems:
            console.say(f"{', '.join(method)}: no faults found")
    if problems:
        raise typer.Exit(2)
