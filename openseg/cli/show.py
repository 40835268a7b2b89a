"""`openseg show METHOD`: the graph in words or as a drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openseg.cli import console


def show(
    method: Annotated[str, typer.Argument(help="A pipeline's name or a YAML file.")],
    svg: Annotated[Path | None, typer.Option(help="Draw the graph into this SVG file.")] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", help="Change a setting: node.key=value.")
    ] = None,
) -> None:
    """Show a method: its nodes, ports, models and settings, or draw its graph."""
    from openseg.graph.loader import load
    from openseg.models.store import ModelStore

    graph = load(method, ModelStore(), sets or [])
    if svg is not None:
        from openseg.graph.draw import draw
        from openseg.io.files import write_atomic

        write_atomic(svg, draw(graph).encode())
        console.say(str(svg))
        return
    console.say(graph.name)
    for key, text in graph.about.items():
        console.say(f"  {key}: {text}")
    inputs = ", ".join(
        f"{name}: {'optional ' if name in graph.optional else ''}{kind.__name__}"
        for name, kind in graph.inputs.items()
    )
    console.say(f"\ninputs: {inputs}\n")
    rows = [
        [
            node.name,
            node.stage.name,
            ", ".join(f"{port}={source}" for port, source in node.inputs.items()),
            ", ".join(f"{role}={family}" for role, family in node.models.items()),
            ", ".join(f"{key}={value}" for key, value in node.config.model_dump().items()),
        ]
        for node in graph.nodes.values()
    ]
    console.say(console.table(rows, ["node", "stage", "reads", "models", "settings"]))
    outputs = ", ".join(f"{name}={source}" for name, source in graph.outputs.items())
    console.say(f"\noutputs: {outputs}")
