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
from openseg.types.errors import UserError

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
    """The names of all stages that can be used, sorted, without importing our own.

    Raises:
        UserError: If a package that announces stages cannot be imported.
    """
    _import_plugins()
    return sorted({*_our_names(), *_stages})


def find_stage(name: str) -> type[Stage] | None:
    """The stage class of that name, or None if there is none.

    Raises:
        UserError: If the name is not ours and a package that announces stages cannot be imported.
    """
    if name not in _stages and name in _our_names():
        importlib.import_module(f"{PACKAGE}.{name}")
    if name not in _stages:
        _import_plugins()
    return _stages.get(name)


def _our_names() -> list[str]:
    ours = importlib.import_module(PACKAGE)
    return [
        f"{role.name}.{module.name}"
        for role in pkgutil.iter_modules(ours.__path__)
        if role.ispkg
        for module in pkgutil.iter_modules([f"{ours.__path__[0]}/{role.name}"])
        if not module.name.startswith("_")
    ]


def _import_plugins() -> None:
    for entry in entry_points(group=ENTRY_POINTS):
        try:
            entry.load()
        except Exception as error:
            package = entry.dist.name if entry.dist else entry.value
            what = f"package '{package}' announces stages but cannot be imported: {error}"
            raise UserError(what, where=entry.value, fix="update or uninstall it") from error
