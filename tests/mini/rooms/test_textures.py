"""Materials keep the colour's name and can be told apart; surfaces repeat without seams."""

from itertools import combinations

import numpy as np
import pytest

from openseg.mini.rooms import COLOURS, MATERIALS, make_room, scene_seed
from openseg.mini.rooms.textures import material_tile, surface_tile


@pytest.mark.parametrize("material", MATERIALS)
def test_more_than_half_of_a_thing_is_nearest_to_its_own_colour(material):
    names, centres = list(COLOURS), np.array(list(COLOURS.values()), dtype=float)
    # Brightness changes in light; what names a colour is mostly its hue.
    for name, rgb in COLOURS.items():
        tile = material_tile(material, rgb, 0).reshape(-1, 3).astype(float)
        nearest = np.linalg.norm(tile[:, None] - centres, axis=2).argmin(axis=1)
        share = np.mean(nearest == names.index(name))
        # Wood darkens and metal brightens all of it: the greys among the colours shift.
        least = 0.5 if material not in {"wooden", "metallic"} else 0.2
        assert share > least or name in {"white", "grey", "black", "brown"}


def test_materials_look_different():
    tiles = {m: material_tile(m, COLOURS["blue"], 0).astype(float) for m in MATERIALS}
    for a, b in combinations(MATERIALS, 2):
        assert np.abs(tiles[a] - tiles[b]).mean() > 5


def test_surfaces_repeat_without_seams():
    """Across the border of a tile, pixels differ no more than they do inside it."""
    for k in range(4):
        for surface in make_room(scene_seed("train", k)).room.surfaces:
            tile = surface_tile(surface).astype(float)
            for axis in (0, 1):
                steps = np.abs(np.diff(tile, axis=axis)).mean(axis=(1 - axis, 2))
                seam = np.abs(np.take(tile, 0, axis) - np.take(tile, -1, axis)).mean()
                assert seam <= steps.max() * 1.5 + 3
