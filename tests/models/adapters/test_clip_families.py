"""What every encoder of images and texts must keep: CLIP, open_clip, SigLIP."""

from __future__ import annotations

import pytest
import torch

from openseg.models.adapters import clip, open_clip, siglip
from openseg.models.adapters.joint_space import MAX_ASPECT, middle
from openseg.models.protocols import ImageTextEncoder
from openseg.models.store import ModelStore
from tests.models.adapters.pictures import picture
from tests.parity.clip.checkpoints import TINY, save_twins
from tests.parity.siglip.checkpoints import save_twins as save_siglip_twins

MODULES = {"clip": clip, "open-clip": open_clip, "siglip": siglip}
WIDTHS = {"clip": 24, "open-clip": 24, "siglip": 48}
SIZES = [(64, 64), (20, 31), (64, 64), (1, 1), (300, 40), (3, 3), (31, 20)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoders")
    save_twins(folder, TINY, quick=True)
    save_siglip_twins(folder / "other")
    (folder / "other" / "siglip").rename(folder / "siglip")
    return folder


@pytest.fixture(params=MODULES)
def family(request):
    return request.param


@pytest.fixture
def encoder(folder, family):
    return ModelStore(folder, device="cpu").load(family)


def crops():
    return [picture(*size, seed).pixels for seed, size in enumerate(SIZES)]


def test_fulfils_the_protocol(encoder):
    assert isinstance(encoder, ImageTextEncoder)


def test_nothing_gives_no_rows(encoder, family):
    images, texts = encoder.encode_images([]), encoder.encode_texts([])
    assert images.shape == texts.shape == (0, WIDTHS[family])
    assert images.dtype == texts.dtype == torch.float32
    some = encoder.encode_texts(["a mug"])
    assert encoder.logits(images, some).shape == (0, 1)
    assert encoder.logits(some, texts).shape == (1, 0)


def test_vectors_have_unit_length_and_differ(encoder):
    for vectors in (encoder.encode_images(crops()), encoder.encode_texts(["the mug", "a chair"])):
        assert vectors.dtype == torch.float32
        torch.testing.assert_close(vectors.norm(dim=1), torch.ones(len(vectors)))
        assert (vectors[0] - vectors[1]).abs().max() > 1e-3


def test_a_ragged_batch_is_what_a_loop_gives(encoder):
    alone = torch.cat([encoder.encode_images([one]) for one in crops()])
    torch.testing.assert_close(encoder.encode_images(crops()), alone, atol=1e-5, rtol=0)
    texts = ["the red mug", "a chair of the mug of the photo", "", "blue"]
    alone = torch.cat([encoder.encode_texts([one]) for one in texts])
    torch.testing.assert_close(encoder.encode_texts(texts), alone, atol=1e-5, rtol=0)


def test_chunks_change_nothing(encoder, family, monkeypatch):
    texts = ["the red mug", "a chair", "blue", "a photo of the chair", "mug"]
    images, vectors = encoder.encode_images(crops()), encoder.encode_texts(texts)
    monkeypatch.setattr(MODULES[family], "IMAGES_PER_CALL", 2)
    monkeypatch.setattr(MODULES[family], "TEXTS_PER_CALL", 2)
    torch.testing.assert_close(encoder.encode_images(crops()), images, atol=1e-5, rtol=0)
    torch.testing.assert_close(encoder.encode_texts(texts), vectors, atol=1e-5, rtol=0)


def test_a_text_past_the_context_keeps_its_beginning(encoder):
    start = "the red mug " * 40
    same = encoder.encode_texts([start + "of a blue chair", start + "of the photo"])
    torch.testing.assert_close(same[0], same[1])
    other = encoder.encode_texts(["blue " + start])[0]
    assert (same[0] - other).abs().max() > 1e-4


@pytest.mark.parametrize("size", [(1, 3000), (3000, 2), (900, 1400)])
def test_strips_and_large_crops(encoder, size):
    vectors = encoder.encode_images([picture(*size).pixels])
    assert vectors.isfinite().all()


def test_the_fill_of_a_crop_is_about_zero_to_the_network(encoder):
    flat = torch.tensor(encoder.mean_pixel, dtype=torch.uint8)[:, None, None].expand(3, 40, 40)
    seen = []
    network = encoder._model
    tower = getattr(network, "vision_model", None) or network.visual
    hook = tower.register_forward_pre_hook(
        lambda _, args, kwargs: seen.append(args[0] if args else kwargs["pixel_values"]),
        with_kwargs=True,
    )
    encoder.encode_images([flat])
    hook.remove()
    assert seen[0].abs().max() < 0.01


def test_half_precision_comes_out_as_float32(folder, family):
    half = ModelStore(folder, device="cpu", dtype="bfloat16").load(family)
    full = ModelStore(folder, device="cpu").load(family)
    for name, items in (("encode_images", crops()), ("encode_texts", ["a mug", "the chair"])):
        a, b = getattr(half, name)(items), getattr(full, name)(items)
        assert a.dtype == torch.float32
        assert (a * b).sum(dim=1).min() > 0.99
    assert half.logits(a, a).dtype == torch.float32


@pytest.mark.parametrize("size", [(5, 900), (901, 7), (1, 33)])
def test_the_middle_of_a_strip_is_its_middle(size):
    strip = picture(*size).pixels
    short = min(size)
    part = middle(strip)
    assert min(part.shape[1:]) == short
    assert MAX_ASPECT * short <= max(part.shape[1:]) <= MAX_ASPECT * short + 1
    assert torch.equal(part.flip(1, 2), middle(strip.flip(1, 2)))


def test_other_images_are_left_alone():
    image = picture(10, 160).pixels
    assert middle(image) is image or torch.equal(middle(image), image)
