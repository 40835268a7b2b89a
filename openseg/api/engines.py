"""The engines of the command line, by name."""

from __future__ import annotations

from openseg.graph.engine.local import LocalEngine
from openseg.graph.engine.on_ray import RayEngine
from openseg.graph.engine.work import Engine
from openseg.types.errors import UserError

NAMES = ("local", "ray")


def engine_of(name: str, ray_address: str | None = None, workers: int | None = None) -> Engine:
    """An engine; nothing is started or connected to before the run.

    Args:
        name: `local` (this process) or `ray`.
        ray_address: The Ray cluster; None for one on this machine, started for the run.
        workers: How many workers Ray starts; None for as many as it has room for.

    Raises:
        UserError: If there is no such engine, or the local one is given what is Ray's.
    """
    if name not in NAMES:
        raise UserError(
            f"there is no engine '{name}'", where="--engine", fix=f"use {' or '.join(NAMES)}"
        )
    if name == "ray":
        return RayEngine(ray_address, workers)
    if ray_address is not None or workers is not None:
        raise UserError(
            "the local engine has no workers and no address",
            where="--workers" if ray_address is None else "--ray-address",
            fix="add --engine ray",
        )
    return LocalEngine()
