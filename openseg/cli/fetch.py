"""`openseg fetch METHOD`: download the checkpoints a method needs."""

from __future__ import annotations

from typing import Annotated

import typer

from openseg.cli import console


def fetch(
    method: Annotated[str, typer.Argument(help="A pipeline's name or a YAML file.")],
    weights: Annotated[str, typer.Option(help="Profile to fetch: base or large.")] = "base",
) -> None:
    """Download every file a method needs, so that it runs without a network afterwards."""
    from openseg.graph.loader import load
    from openseg.models.store import ModelStore

    store = ModelStore(weights=weights)
    for family in load(method, store).families():
        console.note(f"{family} ({weights}) ...")
        console.say(f"{family}: {store.fetch(family)}")
