"""Masked crops against a pixel-by-pixel reference."""

from __future__ import annotations

import math

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from openseg.mini.recipes.crops import FILL as MINI_FILL
from openseg.mini.recipes.crops import square_crop as mini_square_crop
from openseg.ops.crops import masked_crops, square_crop
from openseg.ops.masks import boxes_from_masks

FILL = (123, 117, 104)


def reference(pixels: np.ndarray, mask: np.ndarray, margin: float) -> np.ndarray:
    """Asks for every pixel of the square which pixel of the image it is."""
    ys, xs = np.nonzero(mask)
    if len(ys) == 0:
        return np.array(FILL, dtype=np.uint8).reshape(3, 1, 1)
    height, width = int(np.ptp(ys)) + 1, int(np.ptp(xs)) + 1
    side = round(max(height, width) * (1 + 2 * margin))
    top = ys.min() - math.floor((side - height) / 2)
    left = xs.min() - math.floor((side - width) / 2)
    crop = np.zeros((3, side, side), dtype=np.uint8)
    for row in range(side):
        for column in range(side):
            y, x = top + row, left + column
            inside = 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]
            crop[:, row, column] = pixels[:, y, x] if inside and mask[y, x] else FILL
    return crop


@settings(deadline=None, max_examples=40)
@given(
    st.integers(1, 14), st.integers(1, 14), st.sampled_from([0.0, 0.1, 0.5]), st.integers(0, 9999)
)
def test_every_pixel_is_the_one_of_the_reference(height, width, margin, seed):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (3, height, width), dtype=np.uint8)
    masks = rng.random((4, height, width)) < np.array([0, 0.1, 0.5, 1])[:, None, None]
    crops = masked_crops(torch.from_numpy(pixels), torch.from_numpy(masks), FILL, margin)
    assert len(crops) == 4
    for crop, mask in zip(crops, masks, strict=True):
        assert crop.dtype == torch.uint8
        np.testing.assert_array_equal(crop.numpy(), reference(pixels, mask, margin))


def test_no_masks_give_no_crops():
    pixels = torch.zeros(3, 5, 6, dtype=torch.uint8)
    assert masked_crops(pixels, torch.zeros(0, 5, 6, dtype=torch.bool), FILL) == []


def test_a_crop_of_half_the_image_is_square_with_room_on_each_side():
    pixels = torch.full((3, 100, 100), 200, dtype=torch.uint8)
    mask = torch.zeros(1, 100, 100, dtype=torch.bool)
    mask[0, :, :50] = True
    [crop] = masked_crops(pixels, mask, FILL, margin=0.1)
    assert crop.shape == (3, 120, 120)
    assert (crop[0] == 200).sum() == 100 * 50
    assert (crop[0, 10:110, 35:85] == 200).all()


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 9999))
def test_crops_are_those_the_mini_encoder_was_trained_on(height, width, seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    mask = rng.random((height, width)) < 0.05
    mask[rng.integers(height), rng.integers(width)] = True
    one = torch.from_numpy(mask)[None]
    [crop] = masked_crops(torch.from_numpy(image).permute(2, 0, 1), one, MINI_FILL)
    box = tuple(boxes_from_masks(one)[0].tolist())
    np.testing.assert_array_equal(crop.permute(1, 2, 0).numpy(), mini_square_crop(image, box, mask))


def test_a_square_around_a_box_keeps_what_surrounds_it_and_is_filled_outside_the_picture():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (3, 40, 60), dtype=np.uint8)
    for box in [(0, 0, 60, 40), (5, 30, 12, 40), (50, 2, 60, 5), (20, 10, 29, 30)]:
        for margin in (0.0, 0.1, 0.5):
            found = square_crop(torch.from_numpy(pixels), box, FILL, margin)
            wanted = mini_square_crop(
                pixels.transpose(1, 2, 0), box, scale=1 + 2 * margin, fill=FILL
            )
            np.testing.assert_array_equal(found.numpy().transpose(1, 2, 0), wanted)
