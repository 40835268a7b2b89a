"""Crops of things are padded squares, the same ones that the embedding stage cuts."""

import numpy as np
import torch

from openseg.mini.recipes.crops import FILL, recoloured_pixels, square_crop, training_crop
from openseg.ops.crops import masked_crops


def test_the_crop_is_a_padded_square_filled_with_the_mean():
    image = np.full((40, 60, 3), 200, np.uint8)
    mask = np.zeros((40, 60), bool)
    mask[10:20, 0:20] = True
    crop = square_crop(image, (0, 10, 20, 20), mask)
    assert crop.shape == (24, 24, 3)
    assert (crop == 200).all(axis=2).sum() == 200
    assert (crop[0, 0] == FILL).all()
    assert (crop[7:17, 2:22] == 200).all()


def test_the_crop_is_what_the_embedding_stage_cuts(stills):
    for still in stills:
        for seen in still.things:
            mask = still.mask(seen)
            pixels = torch.from_numpy(np.array(still.image)).permute(2, 0, 1)
            [stage] = masked_crops(pixels, torch.from_numpy(mask)[None], FILL)
            ours = square_crop(still.image, seen.box, mask)
            assert np.array_equal(stage.permute(1, 2, 0).numpy(), ours)


def test_training_crops_are_drawn_again_from_their_seed(stills):
    seen = stills[0].things[0]

    def crop(seed):
        rng = np.random.default_rng(seed)
        return training_crop(stills[0].image, seen.box, stills[0].mask(seen), rng)

    assert crop(1).shape == (64, 64, 3)
    assert np.array_equal(crop(1), crop(1))
    assert not np.array_equal(crop(1), crop(2))


def test_recolouring_changes_the_order_of_the_channels():
    image = np.zeros((4, 4, 3), np.uint8)
    image[..., 0] = 100
    for seed in range(10):
        found = recoloured_pixels(image, np.random.default_rng(seed)).max(axis=(0, 1))
        assert (found > 0).sum() == 1
