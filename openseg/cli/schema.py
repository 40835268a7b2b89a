"""`openseg schema`: the JSON Schema of methods, for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from openseg.cli import console


def schema(
    out: Annotated[Path | None, typer.Option(help="Write to this file, not stdout.")] = None,
) -> None:
    """Print the JSON Schema of method files; editors use it to complete and check YAML."""
    from openseg.graph.schema import schema as method_schema
    from openseg.models.store import ModelStore

    text = json.dumps(method_schema(ModelStore()), indent=2, ensure_ascii=False)
    if out is None:
        console.say(text)
        return
    from openseg.io.files import write_atomic

    write_atomic(out, f"{text}\n".encode())
    console.say(str(out))
