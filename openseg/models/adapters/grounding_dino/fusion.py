"""Attention between an image and the words of its prompt, at the cost of the words.

Liu et al., "Grounding DINO", 2023, arXiv:2303.05499, feature enhancer. An image has thousands of
places, a prompt few tokens: what would be projected for every place is multiplied into the tokens
first, which takes the same sums in another order.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class FewTokens(nn.Module):
    """Stands in for `transformers`' `GroundingDinoBiMultiHeadAttention`; equal up to rounding.

    Args:
        usual: The module with the weights. Its limits to logits, which only half precision can
            exceed, are left out.
    """

    def __init__(self, usual: Any) -> None:
        super().__init__()
        self._usual = usual

    def forward(
        self,
        vision_features: Tensor,
        text_features: Tensor,
        vision_attention_mask: Tensor | None = None,
        text_attention_mask: Tensor | None = None,
    ) -> tuple[tuple[Tensor, None], tuple[Tensor, None]]:
        """Lets places look at tokens and tokens at places.

        Args:
            vision_features: `[b, p, c]`.
            text_features: `[b, t, c]`.
            vision_attention_mask: bool `[b, p]`, True where a place is padding.
            text_attention_mask: bool `[b, t]`, True where a token is padding.

        Returns:
            What is added to the places, and what to the tokens, each without attention weights.
        """
        usual = self._usual
        logits = self._logits(vision_features, text_features)
        to_places, to_tokens = logits, logits
        if text_attention_mask is not None:
            to_places = logits.masked_fill(text_attention_mask[:, None, :, None], float("-inf"))
        if vision_attention_mask is not None:
            to_tokens = logits.masked_fill(vision_attention_mask[:, None, None], float("-inf"))

        out = _by_head(usual.out_vision_proj.weight.T, usual.num_heads)
        words = self._heads(usual.values_text_proj(text_features)) @ out
        seen_by_places = to_places.softmax(dim=2).flatten(1, 2).transpose(1, 2)
        vision = seen_by_places @ words.flatten(1, 2) + usual.out_vision_proj.bias

        seen = to_tokens.softmax(dim=3).flatten(1, 2) @ vision_features
        seen = torch.unflatten(seen, 1, (usual.num_heads, -1))
        value = usual.values_vision_proj
        weight = _by_head(value.weight, usual.num_heads).transpose(1, 2)
        text = (seen @ weight).transpose(1, 2).flatten(2) + value.bias
        return (vision, None), (usual.out_text_proj(text), None)

    def _logits(self, vision: Tensor, text: Tensor) -> Tensor:
        """How well places and tokens match, `[b, h, t, p]`."""
        usual = self._usual
        query = usual.vision_proj
        keys = self._heads(usual.text_proj(text)) * usual.scale
        looks = (keys @ _by_head(query.weight, usual.num_heads)).flatten(1, 2)
        offset = keys @ _by_head(query.bias[:, None], usual.num_heads)
        found = torch.baddbmm(offset.flatten(1, 2), looks, vision.transpose(1, 2))
        return torch.unflatten(found, 1, (usual.num_heads, -1))

    def _heads(self, tokens: Tensor) -> Tensor:
        """`[b, t, h d]` as `[b, h, t, d]`."""
        return torch.unflatten(tokens, 2, (self._usual.num_heads, -1)).transpose(1, 2)


def _by_head(weight: Tensor, heads: int) -> Tensor:
    """`[h d, c]` as `[h, d, c]`."""
    return torch.unflatten(weight, 0, (heads, -1))
