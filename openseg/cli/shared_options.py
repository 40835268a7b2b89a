"""The options that `run` and `eval` share: where they work and what they may use."""

from __future__ import annotations

from typing import Annotated

import typer

KeepsOutputs = Annotated[bool, typer.Option(help="Keep outputs of nodes for the next run.")]
EngineName = Annotated[str, typer.Option(help="Where to work: local, or ray for many.")]
RayAddress = Annotated[
    str | None,
    typer.Option(help="The Ray cluster, as host:port; by default one on this machine."),
]
Workers = Annotated[
    int | None, typer.Option(min=1, help="How many workers Ray starts; default all it can.")
]
Offline = Annotated[
    bool, typer.Option("--offline", help="Forbid every library to use the network.")
]
