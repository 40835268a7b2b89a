"""`openseg ls`: what there is to use."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Annotated

import typer

from openseg.cli import console
from openseg.types.errors import UserError

GROUP = "openseg.listings"
"""Entry points of rooms above: a name and the function that gives its table."""


def ls(
    what: Annotated[
        str, typer.Argument(help="pipelines, stages, models or benchmarks.")
    ] = "pipelines",
) -> None:
    """List the pipelines, stages, models or benchmarks that can be used."""
    listings = {"pipelines": _pipelines, "stages": _stages, "models": _models}
    if what in listings:
        console.say(listings[what]())
        return
    others = {one.name: one for one in entry_points(group=GROUP)}
    if what not in others:
        there = ", ".join([*listings, *others])
        raise UserError(f"there is no list of {what!r}", fix=f"there are: {there}")
    console.say(others[what].load()())


def _pipelines() -> str:
    from openseg.graph.loader import load, pipeline_names
    from openseg.models.store import ModelStore

    store = ModelStore()
    graphs = [load(name, store) for name in pipeline_names()]
    rows = [
        [graph.name, ", ".join(graph.inputs), ", ".join(graph.families()), graph.about["paper"]]
        for graph in graphs
    ]
    return console.table(rows, ["pipeline", "inputs", "models", "paper"])


def _stages() -> str:
    from openseg.graph.registry import find_stage, stage_names
    from openseg.graph.stage import signature_of

    rows = []
    for name in stage_names():
        stage = find_stage(name)
        if stage is None:
            continue
        signature = signature_of(stage)
        ports = ", ".join(
            f"{p.name}{'' if p.required else '?'}: {p.kind.__name__}"
            for p in signature.inputs.values()
        )
        gives = ", ".join(f"{p.name}: {p.kind.__name__}" for p in signature.outputs.values())
        rows.append([name, ports, gives, ", ".join(signature.roles)])
    return console.table(rows, ["stage", "reads", "gives", "model roles"])


def _models() -> str:
    from openseg.models.catalogue import families

    rows = [
        [name, ", ".join(family.protocols), ", ".join(family.checkpoints), family.summary]
        for name, family in families().items()
    ]
    return console.table(rows, ["model", "can be", "profiles", "what it is"])
