"""CLIP's preprocessing is its authors': Pillow's bicubic, to a level of 8 bits."""

from __future__ import annotations

import pytest
import torch
from transformers import CLIPImageProcessor
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

from openseg.models.store import ModelStore
from tests.models.adapters.pictures import picture
from tests.parity.clip.checkpoints import TINY, save_twins


@pytest.mark.parametrize("size", [(64, 64), (20, 31), (300, 211), (70, 500), (7, 3), (1, 1)])
def test_crops_are_resized_as_by_pillow(size, tmp_path, monkeypatch):
    save_twins(tmp_path, TINY, quick=True)
    encoder = ModelStore(tmp_path, device="cpu").load("clip")
    seen = []
    forward = encoder._model.get_image_features
    monkeypatch.setattr(
        encoder._model, "get_image_features", lambda x: seen.append(x) or forward(x)
    )
    image = picture(*size).pixels
    encoder.encode_images([image])
    reference = CLIPImageProcessorPil.from_pretrained(tmp_path / "clip")
    expected = reference(image, input_data_format="channels_first", return_tensors="pt")
    level = 1 / (255 * min(CLIPImageProcessor.image_std))
    difference = (seen[0] - expected["pixel_values"]).abs()
    assert difference.max() <= 1.01 * level
    assert difference.mean() < 1e-2


def test_texts_are_padded_to_the_longest_and_cut_at_the_context(tmp_path):
    save_twins(tmp_path, TINY, quick=True)
    encoder = ModelStore(tmp_path, device="cpu").load("clip")
    seen = []
    encoder._model.text_model.register_forward_pre_hook(
        lambda _, args, kwargs: seen.append(kwargs["input_ids"]), with_kwargs=True
    )
    encoder.encode_texts(["mug " * 600, "mug"])
    assert seen[0].shape == (2, 77)
    assert seen[0][:, 0].tolist() == [49406, 49406]
    assert seen[0][0, -1] == 49407, "the end token is kept"
    assert torch.equal(seen[0][1, 2:], torch.full((75,), 49407))
