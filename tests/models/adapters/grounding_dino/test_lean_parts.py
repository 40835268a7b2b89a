"""The parts of Grounding DINO made anew give what those of `transformers` give."""

from __future__ import annotations

import pytest
import torch
from transformers import GroundingDinoConfig
from transformers.models.grounding_dino import modeling_grounding_dino as usual

from openseg.models.adapters.grounding_dino import sampling
from openseg.models.adapters.grounding_dino.fusion import FewTokens
from openseg.models.adapters.grounding_dino.sampling import RowSampling

SHAPES = [(9, 12), (5, 6), (1, 3)]
PIXELS = sum(height * width for height, width in SHAPES)


@pytest.mark.parametrize("rows", [1, 500, 1 << 18])
@pytest.mark.parametrize("spread", [0.3, 5.0])
def test_places_are_sampled_between_pixels_and_zero_beyond_the_edges(
    monkeypatch: pytest.MonkeyPatch, spread: float, rows: int
) -> None:
    torch.manual_seed(0)
    value = torch.randn(2, PIXELS, 4, 8)
    places = 0.5 + spread * torch.randn(2, 11, 4, len(SHAPES), 5, 2)
    # Places on pixels, on edges and just beyond them.
    places[0, :4, :, :, 0] = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5], [-1e-3, 1 + 1e-3]])[
        :, None, None
    ]
    weights = torch.rand(2, 11, 4, len(SHAPES), 5)
    monkeypatch.setattr(sampling, "ROWS", rows)
    given = value, torch.tensor(SHAPES), SHAPES, torch.empty(0), places, weights, 64
    expected = usual.MultiScaleDeformableAttention()(*given)
    assert expected.abs().amax() > 1
    torch.testing.assert_close(RowSampling()(*given), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("tokens", [1, 7, 300])
@pytest.mark.parametrize("padded", [False, True])
def test_image_and_words_meet_as_usual_also_with_padding(tokens: int, padded: bool) -> None:
    torch.manual_seed(0)
    config = GroundingDinoConfig(d_model=32, encoder_ffn_dim=64, encoder_attention_heads=4)
    attention = usual.GroundingDinoBiMultiHeadAttention(config).eval().double()
    image, text = torch.randn(2, 50, 32).double(), 3 * torch.randn(2, tokens, 32).double()
    masks: tuple[torch.Tensor | None, ...] = (None, None)
    if padded:
        masks = torch.zeros(2, 50, dtype=torch.bool), torch.zeros(2, tokens, dtype=torch.bool)
        masks[0][1, 40:] = True
        masks[1][1, 1 + tokens // 2 :] = True
    with torch.no_grad():
        for weight in attention.parameters():
            weight.normal_(std=0.3)
        expected = attention(image, text, *masks)
        found = FewTokens(attention)(image, text, *masks)
    for (ours, _), (theirs, _) in zip(found, expected, strict=True):
        assert theirs.std() > 0.1
        torch.testing.assert_close(ours, theirs, atol=1e-9, rtol=0)
