"""DINOv2's patch grid covers the whole image, whatever its shape."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from openseg.models.adapters import dinov2
from openseg.models.protocols import ImageEncoder
from openseg.models.store import ModelStore
from tests.models.adapters.pictures import picture
from tests.parity.dinov2.checkpoints import save_twins


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dinov2")
    save_twins(folder)
    return folder


@pytest.fixture
def encoder(folder):
    return ModelStore(folder, device="cpu").load("dinov2")


def close(a, b):
    torch.testing.assert_close(a.summary, b.summary, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(a.patches, b.patches, atol=1e-5, rtol=1e-4)


def test_fulfils_the_protocol_and_takes_no_images(encoder):
    assert isinstance(encoder, ImageEncoder)
    assert encoder.encode([]) == []


# The processor's short side is 72 pixels, five patches of 14 and a bit.
@pytest.mark.parametrize(
    ("size", "grid"),
    [
        ((100, 100), (5, 5)),
        ((100, 200), (5, 10)),
        ((300, 100), (15, 5)),
        ((1, 1), (5, 5)),
        ((100, 800), (3, 21)),
        ((3000, 2), (21, 1)),
    ],
)
def test_the_grid_has_the_aspect_of_the_image(encoder, size, grid):
    [found] = encoder.encode([picture(*size)])
    assert found.patches.shape == (48, *grid)
    assert found.summary.shape == (48,)
    assert found.patches.dtype == found.summary.dtype == torch.float32
    assert found.patches.isfinite().all()


@pytest.mark.parametrize("corner", [(0, 0), (0, -1), (-1, 0), (-1, -1)])
def test_every_corner_of_the_image_is_seen_by_its_corner_patch(encoder, corner):
    image = picture(140, 280)
    y, x = corner
    pixels = image.pixels.clone()
    rows = slice(0, 14) if y == 0 else slice(-14, None)
    columns = slice(0, 14) if x == 0 else slice(-14, None)
    pixels[:, rows, columns] = 255 - pixels[:, rows, columns]
    changed = replace(image, pixels=pixels, digest="another")
    before, after = encoder.encode([image, changed])
    moved = (before.patches - after.patches).norm(dim=0)
    grid = moved.shape
    place = divmod(int(moved.argmax()), grid[1])
    assert place == (y % grid[0], x % grid[1])


def test_a_ragged_batch_is_what_a_loop_gives(encoder, monkeypatch):
    monkeypatch.setattr(dinov2, "IMAGES_PER_CALL", 2)
    sizes = [(100, 100), (60, 200), (90, 90), (31, 31), (60, 200)]
    images = [picture(*size, seed) for seed, size in enumerate(sizes)]
    together = encoder.encode(images)
    for image, found in zip(images, together, strict=True):
        encoder._memo.clear()
        [alone] = encoder.encode([image])
        close(found, alone)


def test_an_image_is_encoded_once(encoder):
    calls: list[int] = []
    encoder._model.encoder.register_forward_pre_hook(lambda _, args: calls.append(len(args[0])))
    image, other = picture(80, 100, 1), picture(80, 100, 2)
    encoder.encode([image, other, image])
    encoder.encode([other])
    assert sum(calls) == 2


def test_half_precision_comes_out_as_float32(folder, encoder):
    half = ModelStore(folder, device="cpu", dtype="bfloat16").load("dinov2")
    [a], [b] = half.encode([picture(80, 120)]), encoder.encode([picture(80, 120)])
    assert a.patches.dtype == torch.float32
    assert torch.cosine_similarity(a.summary, b.summary, dim=0) > 0.99
