"""Arrays, tensors, Pillow images and paths give the same image; what is no image is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image as Pillow

from openseg.io.images import image_from
from openseg.types.errors import InputError

COLOURS = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def test_one_picture_has_one_digest_however_it_comes(tmp_path):
    path = tmp_path / "x.png"
    Pillow.fromarray(COLOURS).save(path)
    given_ = [
        str(path),
        path,
        Pillow.open(path),
        COLOURS,
        np.asfortranarray(COLOURS),
        COLOURS / 255,
        COLOURS.astype(np.uint16) * np.uint16(257),
        np.dstack([COLOURS, np.full((5, 7), 255, np.uint8)]),
        torch.from_numpy(COLOURS).permute(2, 0, 1),
        torch.from_numpy(COLOURS).permute(2, 0, 1).double() / 255,
    ]
    images = [image_from(value) for value in given_]
    assert len({image.digest for image in images}) == 1
    assert all(torch.equal(image.pixels, images[0].pixels) for image in images)


def test_digests_differ_for_other_pixels_and_other_shapes():
    row = np.arange(12, dtype=np.uint8).reshape(1, 4, 3)
    column, other = row.reshape(4, 1, 3), row + np.uint8(1)
    assert len({image_from(value).digest for value in (row, column, other)}) == 3


def test_names():
    image = image_from(COLOURS, "first")
    assert image_from(image) is image
    assert image_from(image, "second").name == "second"
    assert image_from(image, "second").digest == image.digest


def test_grey_and_alpha_arrays():
    grey = image_from(COLOURS[..., 0])
    assert torch.equal(grey.pixels[0], grey.pixels[2])
    assert torch.equal(image_from(torch.from_numpy(COLOURS[..., 0])).pixels, grey.pixels)
    clear = np.dstack([COLOURS[..., 0], np.zeros((5, 7), np.uint8)])
    assert (image_from(clear).pixels == 255).all()
    assert (image_from(np.ones((2, 2), bool)).pixels == 255).all()


def test_the_image_does_not_follow_the_array():
    array = COLOURS.copy()
    image = image_from(array)
    array[:] = 0
    assert image.pixels.any()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.zeros((3, 5, 7), np.uint8), "shape [3, 5, 7]"),
        (torch.zeros(5, 7, 3), "permute"),
        (np.zeros((0, 7, 3), np.uint8), "shape [0, 7, 3]"),
        (np.zeros((5, 7, 3), np.int64), "int64"),
        (np.full((5, 7, 3), 128.0), "128"),
        (np.full((5, 7, 3), np.nan), "nan"),
        (Pillow.new("F", (3, 3)), "floating-point"),
        (Pillow.fromarray(np.full((3, 3), 70000, np.int32)), "32-bit"),
        (17, "int is not an image"),
    ],
)
def test_values_that_are_no_images(value, said):
    with pytest.raises(InputError, match=r"^my image: ") as caught:
        image_from(value, "my image")
    assert said in str(caught.value)
