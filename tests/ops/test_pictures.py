"""What is shown of regions: squares cut by hand, boxes marked, masks painted over."""

from __future__ import annotations

import numpy as np
import torch

from openseg.mini.recipes.crops import square_crop as recipe_crop
from openseg.ops.pictures import pictures_of_boxes, pictures_of_masks, square_crop

FILL = (7, 8, 9)


def noise(height: int, width: int) -> torch.Tensor:
    return torch.randint(
        0, 256, (3, height, width), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )


def test_a_box_stands_in_the_middle_of_its_square():
    pixels = noise(40, 60)
    crop = square_crop(pixels, (10, 20, 30, 30), FILL, margin=0.1)
    # 20 wide: a side of 24, two pixels left and right, seven above and below.
    assert crop.shape == (3, 24, 24)
    assert torch.equal(crop[:, 0:24], pixels[:, 13:37, 8:32])


def test_what_lies_outside_of_the_picture_is_filled():
    pixels = noise(20, 20)
    crop = square_crop(pixels, (15, 0, 20, 10), FILL, margin=0.0)
    assert crop.shape == (3, 10, 10)
    assert torch.equal(crop[:, :, :7], pixels[:, :10, 13:20])
    assert (crop[:, :, 7:] == torch.tensor(FILL)[:, None, None]).all()


def test_crops_are_those_the_mini_models_were_taught_with():
    pixels = noise(50, 70)
    image = pixels.permute(1, 2, 0).numpy()
    for box in ((3, 4, 20, 9), (0, 0, 70, 50), (60, 40, 70, 50), (33, 10, 34, 49)):
        ours = square_crop(pixels, box, FILL, margin=0.1).permute(1, 2, 0).numpy()
        assert np.array_equal(ours, recipe_crop(image, box, scale=1.2, fill=FILL))


def test_an_empty_or_a_far_box_gives_the_fill_alone():
    pixels = noise(20, 20)
    for box in ((0, 0, 0, 0), (500, 500, 510, 510), (-90, -90, -80, -80)):
        crop = square_crop(pixels, box, FILL, margin=0.0)
        assert box == (0, 0, 0, 0) or (crop == torch.tensor(FILL)[:, None, None]).all()
        assert crop.shape[1] == crop.shape[2] >= 1


def test_pictures_come_in_the_order_that_is_asked_for():
    pixels = noise(40, 60)
    masks = torch.zeros(2, 40, 60, dtype=torch.bool)
    masks[0, 5:15, 10:30] = True
    masks[1, 20, 20] = True
    [(whole, masked, crop, marked), second] = pictures_of_masks(
        pixels, masks, ("whole", "masked", "crop", "marked"), FILL, 0.1
    )
    assert whole is pixels
    assert second[0] is pixels  # the same tensor, so that a model reads it once
    assert masked.shape == crop.shape == (3, 24, 24)
    inside = slice(7, 17), slice(2, 22)
    assert torch.equal(masked[:, *inside], crop[:, *inside])
    assert masked[:, 0, 0].tolist() == list(FILL)
    assert crop[:, 7, 0].tolist() == pixels[:, 5, 8].tolist()
    assert marked[:, 4, 20].tolist() == [255, 0, 0]
    assert torch.equal(marked[:, 5:15, 10:30], pixels[:, 5:15, 10:30])


def test_no_region_gives_no_picture():
    pixels = noise(10, 10)
    assert pictures_of_boxes(pixels, torch.zeros(0, 4), ("crop",), FILL, 0.1) == []
    nothing = torch.zeros(0, 10, 10, dtype=torch.bool)
    assert pictures_of_masks(pixels, nothing, ("masked", "marked"), FILL, 0.1) == []
    assert pictures_of_boxes(pixels, torch.zeros(1, 4), (), FILL, 0.1) == [()]
