"""SigLIP: the `transformers` adapter and the `open_clip` one, the same random weights in each.

`open_clip` takes the image tower from timm and its own text tower, both independent of
`transformers`. Tolerances as for CLIP.
"""

from __future__ import annotations

import pytest
import torch
from open_clip.tokenizer import HFTokenizer
from open_clip.transform import PreprocessCfg, image_transform_v2
from torchvision.transforms.functional import to_pil_image

from openseg.models.store import ModelStore
from tests.models.adapters.pictures import picture
from tests.parity.siglip.checkpoints import CONTEXT, PREPROCESSING, SIDE, save_twins

TEXTS = ["a photo of the red mug", "The BLUE chair", "", "the red mug of " * 20]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("siglip")


@pytest.fixture(scope="module")
def model(folder):
    return save_twins(folder)


@pytest.fixture(params=["siglip", "open-clip"])
def adapter(request, model, folder):
    return ModelStore(folder, device="cpu").load(request.param)


def by_hand(model, images):
    preprocess = image_transform_v2(PreprocessCfg(size=SIDE, **PREPROCESSING), is_train=False)
    with torch.no_grad():
        pixels = torch.stack([preprocess(to_pil_image(one)) for one in images])
        return model.encode_image(pixels, normalize=True)


def texts_by_hand(model, folder):
    tokenize = HFTokenizer(str(folder / "siglip"), context_length=CONTEXT, clean="canonicalize")
    with torch.no_grad():
        return model.encode_text(tokenize(TEXTS), normalize=True)


@pytest.mark.parametrize("size", [(64, 64), (33, 90), (20, 20)])
def test_images(model, adapter, size):
    images = [picture(*size, seed).pixels for seed in range(3)]
    expected = by_hand(model, images)
    assert (expected[0] - expected[1]).abs().max() > 0.01
    tolerance = 2e-6 if size == (64, 64) else 2e-3
    torch.testing.assert_close(adapter.encode_images(images), expected, atol=tolerance, rtol=0)


def test_texts(model, adapter, folder):
    expected = texts_by_hand(model, folder)
    assert (expected[0] - expected[1]).abs().max() > 0.01
    torch.testing.assert_close(adapter.encode_texts(TEXTS), expected, atol=2e-6, rtol=0)


def test_logits_have_a_bias(model, adapter, folder):
    images = [picture(64, 64, seed).pixels for seed in range(3)]
    similarity = by_hand(model, images) @ texts_by_hand(model, folder).T
    expected = torch.tensor(2.5).exp() * similarity - 7.25
    found = adapter.logits(adapter.encode_images(images), adapter.encode_texts(TEXTS))
    torch.testing.assert_close(found, expected, atol=5e-5, rtol=0)
    assert adapter.mean_pixel == (128, 128, 128)
