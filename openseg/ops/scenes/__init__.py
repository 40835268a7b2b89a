"""Pure functions on the frames, points and objects of a scene.

Submodules are imported when first used, as those of `openseg.ops` are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openseg.ops import submodules_of

if TYPE_CHECKING:
    from openseg.ops.scenes import contrast as contrast
    from openseg.ops.scenes import density as density
    from openseg.ops.scenes import frame_choice as frame_choice
    from openseg.ops.scenes import fusion as fusion
    from openseg.ops.scenes import gpu_splatting as gpu_splatting
    from openseg.ops.scenes import integration as integration
    from openseg.ops.scenes import looking as looking
    from openseg.ops.scenes import merge_tree as merge_tree
    from openseg.ops.scenes import merging as merging
    from openseg.ops.scenes import point_sets as point_sets
    from openseg.ops.scenes import relations as relations
    from openseg.ops.scenes import sights as sights
    from openseg.ops.scenes import splatting as splatting
    from openseg.ops.scenes import superpoints as superpoints
    from openseg.ops.scenes import surface as surface
    from openseg.ops.scenes import thinning as thinning
    from openseg.ops.scenes import voting as voting

__getattr__ = submodules_of(__name__)
