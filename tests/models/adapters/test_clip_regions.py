"""CLIP's regions in context against `open_clip`'s layers called one by one, the same weights."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import normalize

from openseg.io.images import image_from
from openseg.models.store import ModelStore
from openseg.models.tasks.region_encoding import RegionEncoder
from openseg.types.errors import InputError
from tests.models.adapters.pictures import picture
from tests.parity.clip.checkpoints import MEAN, STD, TINY, save_twins

SIDE, PATCH = 64, 16
CONFIG = TINY | {"vision_cfg": TINY["vision_cfg"] | {"layers": 4}}


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The adapter, and the package's model with the same weights."""
    folder = tmp_path_factory.mktemp("weights")
    model = save_twins(folder, CONFIG, quick=True)
    return ModelStore(folder, device="cpu").load("clip"), model


def cells(*rows_and_columns: tuple[int, int]) -> torch.Tensor:
    """A mask of whole patches of an image as large as the network reads."""
    mask = torch.zeros(SIDE, SIDE, dtype=torch.bool)
    for row, column in rows_and_columns:
        mask[row * PATCH : (row + 1) * PATCH, column * PATCH : (column + 1) * PATCH] = True
    return mask


@torch.no_grad()
def by_hand(model, pixels: torch.Tensor, cover: torch.Tensor, last_layers: int) -> torch.Tensor:
    """The vector of one region: `open_clip`'s tower, its patch tokens weighed before late layers.

    Args:
        cover: float `[patches]`, the share of each patch that is in the region.
    """
    visual = model.visual
    mean, std = (torch.tensor(values)[:, None, None] for values in (MEAN, STD))
    values = ((pixels.float() / 255 - mean) / std)[None]
    tokens = visual.conv1(values).flatten(2).transpose(1, 2)
    tokens = torch.cat([visual.class_embedding[None, None], tokens], dim=1)
    tokens = visual.ln_pre(tokens + visual.positional_embedding)
    blocks = visual.transformer.resblocks
    for number, block in enumerate(blocks):
        if number >= len(blocks) - last_layers:
            for patch, share in enumerate(cover.tolist()):
                tokens[:, 1 + patch] *= share
        tokens = block(tokens)
    return normalize(visual.ln_post(tokens[:, 0]) @ visual.proj, dim=-1)[0]


@pytest.mark.parametrize("last_layers", [1, 3, 4])
def test_a_region_is_what_its_patches_give_in_the_last_layers(pair, last_layers):
    encoder, model = pair
    image = picture(SIDE, SIDE)
    masks = torch.stack([cells((0, 0), (2, 3)), cells((1, 1))])
    [vectors] = encoder.encode_regions([image], [masks], last_layers)
    for vector, mask in zip(vectors, masks, strict=True):
        cover = mask[::PATCH, ::PATCH].flatten().float()
        torch.testing.assert_close(
            vector, by_hand(model, image.pixels, cover, last_layers), atol=2e-6, rtol=0
        )


def test_a_patch_that_is_half_covered_counts_half(pair):
    encoder, model = pair
    image = picture(SIDE, SIDE)
    mask = cells((3, 0))
    mask[3 * PATCH : 3 * PATCH + PATCH // 2] = False
    cover = torch.zeros(16)
    cover[12] = 0.5
    [[vector]] = encoder.encode_regions([image], [mask[None]], 2)
    torch.testing.assert_close(vector, by_hand(model, image.pixels, cover, 2), atol=2e-6, rtol=0)


def test_the_region_of_everything_is_the_image(pair):
    encoder, _ = pair
    image = picture(SIDE, SIDE)
    [[vector]] = encoder.encode_regions([image], [torch.ones(1, SIDE, SIDE, dtype=torch.bool)], 3)
    [whole] = encoder.encode_images([image.pixels])
    torch.testing.assert_close(vector, whole, atol=2e-6, rtol=0)


def test_images_of_any_shape_are_seen_whole(pair):
    """The right edge of a wide image is in view; a central square would lose it."""
    encoder, _ = pair
    wide = picture(40, 160)
    other = wide.pixels.clone()
    other[:, :, 120:] = 0
    mask = torch.zeros(1, 40, 160, dtype=torch.bool)
    mask[:, :, 120:] = True
    changed = image_from(other.permute(1, 2, 0).contiguous().numpy(), "other")
    [one], [two] = encoder.encode_regions([wide, changed], [mask, mask], 2)
    assert (one - two).abs().max() > 1e-3


def test_regions_of_several_images_are_those_of_each(pair):
    encoder, _ = pair
    images = [picture(50, 70), picture(64, 64), picture(30, 90)]
    masks = [torch.rand(n, *one.size) < 0.5 for n, one in zip((2, 0, 3), images, strict=True)]
    together = encoder.encode_regions(images, masks, 2)
    assert [tuple(one.shape) for one in together] == [(2, 24), (0, 24), (3, 24)]
    for image, mask, vectors in zip(images, masks, together, strict=True):
        [alone] = encoder.encode_regions([image], [mask], 2)
        torch.testing.assert_close(vectors, alone, atol=2e-6, rtol=0)
    assert encoder.encode_regions([], [], 2) == []


def test_more_layers_than_there_are_is_told(pair):
    encoder, _ = pair
    assert isinstance(encoder, RegionEncoder)
    with pytest.raises(InputError, match="has 4 layers, fewer than last_layers: 5"):
        encoder.encode_regions([picture(8, 8)], [torch.ones(1, 8, 8, dtype=torch.bool)], 5)
