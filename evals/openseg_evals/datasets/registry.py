"""Finds a data set's loader by name: a module of this folder, or one of another package.

A loader is a module with `load(folder, options)`; other packages name theirs by the entry-point
group `openseg.datasets` (name -> `module`).
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol, cast

from openseg.types.errors import UserError
from openseg_evals.samples import AnyDataset

GROUP = "openseg.datasets"

_HERE = "openseg_evals.datasets"


class Loader(Protocol):
    """What a loader's module offers."""

    def load(self, folder: Path, options: Mapping[str, str]) -> AnyDataset:
        """Reads a split from its official files.

        Args:
            folder: The data set's folder.
            options: Choices by name; what is not chosen has the loader's default.

        Raises:
            UserError: If an option does not exist, or a file is missing or broken.
        """


def dataset_names() -> list[str]:
    """Every data set there is a loader for, sorted."""
    return sorted({*_own_names(), *(one.name for one in entry_points(group=GROUP))})


def find_loader(name: str) -> Loader:
    """The loader of a data set.

    Raises:
        UserError: If there is none; with the nearest name.
    """
    if name in _own_names():
        return cast("Loader", import_module(f"{_HERE}.{name}"))
    for point in entry_points(group=GROUP, name=name):
        return cast("Loader", point.load())
    near = get_close_matches(name, dataset_names(), n=1, cutoff=0.5)
    fix = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(dataset_names())}"
    raise UserError(f"no data set {name!r}", fix=fix)


def load_dataset(name: str, folder: Path, options: Mapping[str, str]) -> AnyDataset:
    """Reads a split of a data set.

    Args:
        name: The data set.
        folder: Where its files lie.
        options: The loader's options, such as `split`.

    Raises:
        UserError: If there is no such data set or option, or a file is missing or broken.
    """
    return find_loader(name).load(folder, options)


def _own_names() -> set[str]:
    modules = iter_modules([str(Path(__file__).parent)])
    return {one.name for one in modules} - {"registry"}
