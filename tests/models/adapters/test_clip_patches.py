"""CLIP's dense features are MaskCLIP's: open_clip, its last attention masked to the diagonal."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from torch.nn.functional import interpolate, normalize
from torchvision.transforms.functional import to_pil_image

from openseg.models.adapters import clip_patches
from openseg.models.protocols import DenseImageTextEncoder, ImageEncoder
from openseg.models.store import ModelStore
from tests.models.adapters.pictures import picture
from tests.parity.clip.checkpoints import MEAN, STD, TINY, save_twins

SIDE = clip_patches.ENLARGED * TINY["vision_cfg"]["image_size"]
CELLS = SIDE // TINY["vision_cfg"]["patch_size"]


@pytest.fixture(scope="module")
def twins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    return save_twins(folder, TINY, quick=True), ModelStore(folder, device="cpu")


def by_hand(model, image):
    """Patches `[d, g, g]` of a square picture of the network's enlarged side, by open_clip."""
    visual = model.visual
    preprocess = image_transform_v2(PreprocessCfg(size=SIDE, mean=MEAN, std=STD), is_train=False)
    pixels = preprocess(to_pil_image(image.pixels))[None]
    tokens = visual.conv1(pixels).flatten(2).transpose(1, 2)
    tokens = torch.cat([visual.class_embedding.expand(1, 1, -1), tokens], dim=1)
    first, *rest = visual.positional_embedding
    grid = torch.stack(rest).T.reshape(1, -1, 4, 4)
    grid = interpolate(grid, size=(CELLS, CELLS), mode="bicubic", align_corners=False)
    tokens = tokens + torch.cat([first[None], grid[0].flatten(1).T])
    tokens = visual.ln_pre(tokens)
    *blocks, last = visual.transformer.resblocks
    for block in blocks:
        tokens = block(tokens)
    alone = torch.full((tokens.shape[1],) * 2, -torch.inf).fill_diagonal_(0)
    patches = visual.ln_post(last(tokens, attn_mask=alone))[0, 1:] @ visual.proj
    return patches.T.reshape(-1, CELLS, CELLS)


@torch.no_grad()
def test_patches_are_those_of_a_last_layer_in_which_tokens_see_themselves_only(twins):
    model, store = twins
    image = picture(SIDE, SIDE, 5)
    [found] = store.load("clip").encode([image])
    expected = by_hand(model, image)
    torch.testing.assert_close(
        normalize(found.patches, dim=0), normalize(expected, dim=0), atol=5e-6, rtol=0
    )


def test_fulfils_both_protocols(twins):
    clip = twins[1].load("clip")
    assert isinstance(clip, DenseImageTextEncoder)
    assert isinstance(clip, ImageEncoder)
    assert clip.encode([]) == []


@pytest.mark.parametrize(
    ("size", "grid"),
    [((64, 64), (8, 8)), ((50, 100), (8, 16)), ((1, 1), (8, 8)), ((9, 900), (1, 32))],
)
def test_the_grid_covers_the_image_at_twice_the_trained_size(twins, size, grid):
    [found] = twins[1].load("clip").encode([picture(*size)])
    assert found.patches.shape == (24, *grid)
    assert found.summary.shape == (24,)
    assert found.patches.isfinite().all()


def test_the_summary_is_the_embedding_at_the_enlarged_size(twins):
    clip = twins[1].load("clip")
    image = picture(64, 64, 1)
    [found] = clip.encode([image])
    other = clip.encode_images([image.pixels])[0]
    assert torch.cosine_similarity(found.summary, other, dim=0) > 0.5
    changed = replace(image, pixels=255 - image.pixels, digest="another")
    [away] = clip.encode([changed])
    assert (found.summary - away.summary).abs().max() > 1e-3
