"""CLIP: the `transformers` adapter and the `open_clip` one, the same random weights in each.

Each adapter is also compared with `open_clip` called by hand, on PIL pictures. Tolerance 2e-6 on
unit vectors where pictures have the network's size; where they are shrunk, the two resize codes
round to 8 bits differently at places.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import open_clip
import pytest
import torch
from open_clip.transform import PreprocessCfg, image_transform_v2
from torch.nn.functional import normalize
from torchvision.transforms.functional import to_pil_image

from openseg.models.store import ModelStore
from tests.models.adapters.pictures import picture
from tests.parity.clip.checkpoints import MEAN, STD, TINY, save_twins

TEXTS = [
    "a photo of a red mug",
    "the chair",
    "",
    "Zwölf Boxkämpfer, naïve café!",
    "a very long sentence " * 60,
]


@pytest.fixture(scope="module", params=[False, True], ids=["gelu", "quick_gelu"])
def twins(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clip")
    return save_twins(folder, TINY, request.param), ModelStore(folder, device="cpu")


def by_hand(model, images):
    side = model.visual.image_size
    preprocess = image_transform_v2(PreprocessCfg(size=side, mean=MEAN, std=STD), is_train=False)
    pixels = torch.stack([preprocess(to_pil_image(one)) for one in images])
    with torch.no_grad():
        return model.encode_image(pixels, normalize=True)


@pytest.mark.parametrize("family", ["clip", "open-clip"])
def test_images_of_the_networks_size(twins, family):
    model, store = twins
    images = [picture(64, 64, seed).pixels for seed in range(3)]
    found = store.load(family).encode_images(images)
    torch.testing.assert_close(found, by_hand(model, images), atol=2e-6, rtol=0)


@pytest.mark.parametrize("family", ["clip", "open-clip"])
def test_images_that_are_resized_and_cropped(twins, family):
    model, store = twins
    sizes = [(20, 20), (33, 90), (200, 70), (300, 301), (1, 1)]
    images = [picture(*size, seed).pixels for seed, size in enumerate(sizes)]
    found = store.load(family).encode_images(images)
    tolerance = 2e-6 if family == "open-clip" else 2e-3
    torch.testing.assert_close(found, by_hand(model, images), atol=tolerance, rtol=0)


@pytest.mark.parametrize("family", ["clip", "open-clip"])
def test_texts(twins, family):
    model, store = twins
    tokens = open_clip.SimpleTokenizer()(TEXTS)
    with torch.no_grad():
        expected = model.encode_text(tokens, normalize=True)
    assert (expected[0] - expected[1]).abs().max() > 0.01
    found = store.load(family).encode_texts(TEXTS)
    torch.testing.assert_close(found, expected, atol=2e-6, rtol=0)


@pytest.mark.parametrize("family", ["clip", "open-clip"])
def test_logits(twins, family):
    model, store = twins
    images = [picture(64, 64, seed).pixels for seed in range(3)]
    adapter = store.load(family)
    found = adapter.logits(adapter.encode_images(images), adapter.encode_texts(TEXTS))
    with torch.no_grad():
        text = model.encode_text(open_clip.SimpleTokenizer()(TEXTS), normalize=True)
        expected = model.logit_scale.exp() * by_hand(model, images) @ text.T
    torch.testing.assert_close(found, expected, atol=5e-5, rtol=0)
    assert adapter.mean_pixel == (123, 117, 104)


def test_the_wrong_activation_would_be_noticed(tmp_path):
    exact = save_twins(tmp_path / "exact", TINY, quick=False)
    quick = ModelStore(tmp_path / "quick", device="cpu")
    save_twins(tmp_path / "quick", TINY, quick=True)
    images = [picture(64, 64).pixels]
    found = quick.load("clip").encode_images(images)
    assert (found - by_hand(exact, images)).abs().max() > 1e-4


@pytest.mark.slow
def test_vit_b_32_at_full_width():
    config = open_clip.get_model_config("ViT-B-32")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = save_twins(folder, config, quick=False)
        images = [picture(224, 224, seed).pixels for seed in range(2)]
        with torch.no_grad():
            tokens = open_clip.SimpleTokenizer()(TEXTS[:2])
            text = normalize(model.encode_text(tokens), dim=-1)
        for family in ("clip", "open-clip"):
            adapter = ModelStore(folder, device="cpu").load(family)
            vectors = adapter.encode_images(images)
            torch.testing.assert_close(vectors, by_hand(model, images), atol=2e-6, rtol=0)
            torch.testing.assert_close(adapter.encode_texts(TEXTS[:2]), text, atol=2e-6, rtol=0)
