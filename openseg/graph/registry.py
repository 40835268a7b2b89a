"""Which stages there are: ours by the folder they lie in, others' by entry points.

The stage named `propose.detect` is the class decorated with `@stage("propose.detect")` in the
module `openseg.stages.propose.detect`: a name is looked up by importing one module, not all.
Packages of others announce modules in the entry-point group `openseg.stages`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from importlib.metadata import entry_points

from openseg.graph.stage import Stage

PACKAGE = "openseg.stages"
ENTRY_POINTS = "openseg.stages"

_stages: dict[str, type[Stage]] = {}


def stage(name: str) -> Callable[[type[Stage]], type[Stage]]:
    """Registers a stage class under `role.stage`.

    Args:
        name: The name methods use in `use:`; for our own stages also the module's place.
    """

    def register(cls: type[Stage]) -> type[Stage]:
        known = _stages.get(name)
        if known is not None and (known.__module__, known.__qualname__) != (
            cls.__module__,
            cls.__qualname__,
        ):
            raise ValueError(f"two stages are named '{name}': {known!r} and {cls!r}")
        cls.name = name
        _stages[name] = cls
        return cls

    return register


def stage_names() -> list[str]:
    """The names of all stages that can be used, sorted, without importing our own."""
    ours = importlib.import_module(PACKAGE)
    found = [
        f"{role.name}.{module.name}"
        for role in pkgutil.iter_modules(ours.__path__)
        if role.ispkg
        for module in pkgutil.iter_modules([f"{ours.__path__[0]}/{role.name}"])
        if not module.name.startswith("_")
    ]
    _import_plugins()
    return sorted({*found, *_stages})


def find_stage(name: str) -> type[Stage] | None:
    """The stage class of that name, or None if there is none."""
    if name not in _stages and name in stage_names() and name not in _stages:
        importlib.import_module(f"{PACKAGE}.{name}")
    return _stages.get(name)


def _import_plugins() -> None:
    for entry in entry_points(group=ENTRY_POINTS):
        entry.load()
