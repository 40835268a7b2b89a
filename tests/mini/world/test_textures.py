"""Textures tile and keep to their colours."""

import numpy as np
import pytest

from openseg.mini.world.scene import Surface
from openseg.mini.world.textures import tile

PATTERNS = ["plain", "planks", "tiles", "speckles", "stripes"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_tile_keeps_to_its_colour_and_is_made_from_its_seed(pattern):
    surface = Surface(pattern, (200, 180, 160), (170, 150, 130), 1.0, seed=7)
    picture = tile(surface)
    assert (picture.dtype, picture.shape) == (np.uint8, (128, 128, 3))
    assert np.array_equal(picture, tile(surface))
    mean = picture.reshape(-1, 3).mean(axis=0)
    assert np.all(mean <= [205, 185, 165])
    assert np.all(mean >= [165, 145, 125])


@pytest.mark.parametrize("pattern", ["planks", "tiles", "speckles", "stripes"])
def test_patterns_show(pattern):
    plain = tile(Surface("plain", (200, 180, 160), (120, 100, 80), 1.0, 7)).std()
    # Grey values of the plain tile differ by channel only; compare within one channel.
    spread = tile(Surface(pattern, (200, 180, 160), (120, 100, 80), 1.0, 7))[..., 0].std()
    assert plain > 0
    assert spread > 5
