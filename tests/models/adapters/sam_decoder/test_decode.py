"""The rearranged mask decoder gives what the decoder of `transformers` gives."""

from __future__ import annotations

import pytest
import torch
from transformers import SamConfig, SamModel

from openseg.models.adapters.sam_decoder import decode
from openseg.models.adapters.sam_decoder.decode import ImageDecoder


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(3)
    config = SamConfig(
        vision_config={
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "image_size": 80,
            "patch_size": 16,
            "output_channels": 32,
            "num_pos_feats": 16,
            "mlp_dim": 32,
            "window_size": 2,
            "global_attn_indexes": [0],
        },
        prompt_encoder_config={"hidden_size": 32, "image_size": 80, "patch_size": 16},
        mask_decoder_config={
            "hidden_size": 32,
            "mlp_dim": 64,
            "num_attention_heads": 4,
            "iou_head_hidden_dim": 24,
        },
    )
    model = SamModel(config).eval().requires_grad_(False)
    for weights in model.mask_decoder.parameters():  # biases and norms are trivial at first
        weights.add_(0.1 * torch.randn_like(weights))
    return model


def decoded(model, features, points, candidates):
    """Both decoders on the same prompts."""
    labels = torch.ones(points.shape[:2], dtype=torch.int64)
    given = {"input_points": points[:, None], "input_labels": labels[:, None]}
    theirs = model(
        image_embeddings=features.expand(len(points), -1, -1, -1),
        multimask_output=candidates,
        **given,
    )
    prompts, dense = model.prompt_encoder(**given, input_boxes=None, input_masks=None)
    [positions] = model.get_image_wide_positional_embeddings()
    ours = ImageDecoder(model.mask_decoder, features[0] + dense[0], positions, candidates)
    return ours(prompts[:, 0]), (theirs.pred_masks[:, 0], theirs.iou_scores[:, 0])


@pytest.mark.parametrize("candidates", [True, False])
@pytest.mark.parametrize("points", [0, 1, 3])
def test_gives_what_transformers_gives(model, points, candidates):
    features = torch.randn(1, 32, 5, 5)
    ours, theirs = decoded(model, features, torch.rand(7, points, 2) * 80, candidates)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.shape == other.shape
        torch.testing.assert_close(mine, other, atol=2e-6, rtol=1e-5)


def test_does_not_depend_on_how_many_are_decoded_at_once(model, monkeypatch):
    features, points = torch.randn(1, 32, 5, 5), torch.rand(6, 1, 2) * 80
    (together, _), _ = decoded(model, features, points, candidates=True)
    monkeypatch.setattr(decode, "CPU_BYTES", 1)
    (one_by_one, _), _ = decoded(model, features, points, candidates=True)
    torch.testing.assert_close(together, one_by_one, atol=1e-6, rtol=1e-5)
