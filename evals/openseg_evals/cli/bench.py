"""`openseg bench [CASE ...]`: speed and memory as ratios, side by side with peers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openseg.cli import console


def bench(
    case: Annotated[
        list[str] | None, typer.Argument(help="Cases; all without any. See --list.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1.")] = "cpu",
    full: Annotated[
        bool,
        typer.Option("--full", help="Measure at the size the floors speak of; takes long."),
    ] = False,
    repeats: Annotated[
        int | None, typer.Option(min=1, help="Pairs of runs a case; default what it thinks right.")
    ] = None,
    official: Annotated[
        list[Path] | None,
        typer.Option(help="A clone of a published program to measure against; may be repeated."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the cases.")] = False,
    out: Annotated[Path | None, typer.Option(help="Also write the JSON into this file.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure openseg against its peers, in turn on this machine."""
    import json
    import tempfile

    from openseg_evals.bench import cases

    if list_:
        console.say(console.table([list(one) for one in cases.CASES.items()], ["case", ""]))
        return
    found = cases.find(case or [])

    from openseg.models.runtime import resolve_device
    from openseg_evals.bench import machine, table
    from openseg_evals.bench.run import run
    from openseg_evals.bench.settings import Settings

    where = str(resolve_device(device))
    described = machine.describe(where)
    rows = []
    with tempfile.TemporaryDirectory(prefix="openseg-bench-") as folder:
        settings = Settings(Path(folder), where, full, repeats, tuple(official or ()))
        for row in run(found, settings):
            rows.append(row)
            console.note("  ".join(one for one in table.as_table([row])[0] if one))
            if out:  # after every line: a long bench that is stopped has left what it found
                text = json.dumps(table.as_json(described, rows, full=full), indent=1)
                out.write_text(f"{text}\n", "utf-8")
    if json_:
        console.say_json(table.as_json(described, rows, full=full))
        return
    console.say(console.table(table.as_table(rows), table.HEAD))
    console.say("\n".join(["", *table.remarks(rows)]))
    if not full:
        console.say("\nSmall sizes: the floors are meant for --full.")


def register(app: typer.Typer) -> None:
    """Adds the verb to the `openseg` command."""
    app.command()(bench)
