"""Pure functions on the frames, points and objects of a scene.

Submodules are imported when first used, as those of `openseg.ops` are.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openseg.ops.scenes import frame_choice as frame_choice
    from openseg.ops.scenes import fusion as fusion
    from openseg.ops.scenes import integration as integration
    from openseg.ops.scenes import looking as looking
    from openseg.ops.scenes import merge_tree as merge_tree
    from openseg.ops.scenes import merging as merging
    from openseg.ops.scenes import point_sets as point_sets
    from openseg.ops.scenes import relations as relations
    from openseg.ops.scenes import superpoints as superpoints
    from openseg.ops.scenes import surface as surface
    from openseg.ops.scenes import thinning as thinning
    from openseg.ops.scenes import voting as voting


def __getattr__(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        raise AttributeError(f"openseg.ops.scenes has no module '{name}'") from error
