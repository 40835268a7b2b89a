"""Pure tensor functions on edge types: no models, no files.

Submodules are imported when first used, so that `from openseg import ops` costs nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openseg.ops import adapter as adapter
    from openseg.ops import attended as attended
    from openseg.ops import boxes as boxes
    from openseg.ops import classes as classes
    from openseg.ops import crops as crops
    from openseg.ops import geometry as geometry
    from openseg.ops import heat as heat
    from openseg.ops import label_maps as label_maps
    from openseg.ops import marks as marks
    from openseg.ops import mask_queries as mask_queries
    from openseg.ops import masks as masks
    from openseg.ops import pictures as pictures
    from openseg.ops import pooling as pooling
    from openseg.ops import prototypes as prototypes
    from openseg.ops import sentences as sentences
    from openseg.ops import text as text


def submodules_of(package: str) -> Callable[[str], ModuleType]:
    """A package's `__getattr__`: an attribute that is not there yet is one of its modules.

    Args:
        package: The package's full name.

    Returns:
        Takes the module's name within the package; raises `AttributeError` if there is none.
    """

    def submodule(name: str) -> ModuleType:
        try:
            return importlib.import_module(f"{package}.{name}")
        except ModuleNotFoundError as error:
            raise AttributeError(f"{package} has no module '{name}'") from error

    return submodule


__getattr__ = submodules_of(__name__)
