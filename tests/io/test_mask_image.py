"""Masks are read from whatever shows a thing bright on dark, and must fit their picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image as Pillow

from openseg.io.images import image_from
from openseg.io.mask_image import mask_from
from openseg.types.errors import InputError

TRUTH = np.zeros((12, 20), dtype=bool)
TRUTH[2:9, 4:15] = True


@pytest.fixture
def image():
    return image_from(np.zeros((12, 20, 3), dtype=np.uint8), "cup.jpg")


@pytest.mark.parametrize(
    "value",
    [TRUTH, TRUTH.astype(np.uint8), TRUTH * np.uint8(255), TRUTH[..., None] * np.uint8([0, 9, 4])],
    ids=["bool", "0 and 1", "0 and 255", "a colour"],
)
def test_bright_pixels_are_the_mask(image, value):
    assert np.array_equal(mask_from(value, image).numpy(), TRUTH)


def test_files_lossy_and_with_a_palette(image, tmp_path):
    large = np.kron(TRUTH, np.ones((8, 8), dtype=bool))
    Pillow.fromarray(large * np.uint8(255)).save(tmp_path / "lossy.jpg", quality=40)
    palette = Pillow.fromarray(large.astype(np.uint8))
    palette.putpalette([0, 0, 0, 128, 0, 0])
    palette.save(tmp_path / "palette.png")
    picture = image_from(np.zeros((*large.shape, 3), dtype=np.uint8))
    for file in ("lossy.jpg", "palette.png"):
        found = mask_from(tmp_path / file, picture).numpy()
        assert np.mean(found != large) < 0.005


def test_a_mask_that_cannot_be_one_is_named(image, tmp_path):
    with pytest.raises(
        InputError, match=r"mask of cup.jpg: the mask is 12x20, .* cup.jpg is 20x12"
    ):
        mask_from(TRUTH.T, image, "mask of cup.jpg")
    Pillow.new("L", (20, 12)).save(tmp_path / "black.png")
    with pytest.raises(InputError, match=r"black.png: the mask shows nothing"):
        mask_from(tmp_path / "black.png", image)
