"""The image encoder that attends in parts gives what the usual one gives."""

from __future__ import annotations

import copy

import pytest
import torch
from transformers import SamVisionConfig
from transformers.models.sam.modeling_sam import SamVisionEncoder

from openseg.models.adapters.sam_decoder import encoder as ours


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("heads_at_once", [0.01, 0.1, 1, 3, 100])
def test_features_are_those_of_the_usual_encoder(
    monkeypatch: pytest.MonkeyPatch, relative: bool, heads_at_once: float
) -> None:
    torch.manual_seed(0)
    config = SamVisionConfig(
        hidden_size=32,
        output_channels=16,
        num_hidden_layers=3,
        num_attention_heads=4,
        image_size=96,
        patch_size=8,
        window_size=5,
        global_attn_indexes=[1],
        use_rel_pos=relative,
    )
    usual = SamVisionEncoder(config).eval()
    with torch.no_grad():
        for weight in usual.parameters():
            weight.normal_(std=0.3)
    spare = copy.deepcopy(usual)
    monkeypatch.setattr(ours, "CPU_BYTES", int(heads_at_once * 144 * 144 * 4))
    ours.spare_memory(spare)
    pixels = torch.randn(2, 3, 96, 96)
    with torch.inference_mode():
        expected, found = (one(pixels).last_hidden_state for one in (usual, spare))
    assert expected.std() > 0.1
    assert torch.allclose(found, expected, atol=1e-4)
