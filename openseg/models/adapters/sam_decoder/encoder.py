"""Attention of SAM's image encoder with its table of relative positions held in parts.

Where every place looks at every other, that table has a number for each head and pair of places:
800 MB for one image at SAM's own size, and sums of it as much again.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from openseg.models.adapters.chunks import in_chunks

CPU_BYTES, GPU_BYTES = 64 << 20, 1 << 30
"""The most that a part of the table takes; on a GPU the heads of an image at once are faster."""


def spare_memory(encoder: Any) -> None:
    """Makes an image encoder attend in parts; what it gives is the same up to rounding.

    Args:
        encoder: `transformers`' `SamVisionEncoder`, in eval mode.
    """
    for layer in encoder.layers:
        layer.attn = _InParts(layer.attn)


class _InParts(nn.Module):
    """`transformers`' `SamVisionAttention`, a few heads at a time."""

    def __init__(self, usual: Any) -> None:
        super().__init__()
        self._usual = usual

    def forward(self, hidden_states: Tensor) -> tuple[Tensor, None]:
        """Attends among places `[b, h, w, c]`; windows are rows of the batch."""
        usual, (batch, height, width, _) = self._usual, hidden_states.shape
        heads, places = usual.num_attention_heads, height * width
        given = usual.qkv(hidden_states).reshape(batch, places, 3, heads, -1)
        q, k, v = given.permute(2, 0, 3, 1, 4).reshape(3, batch * heads, places, -1).unbind(0)

        def attend(part: slice) -> Tensor:
            bias = self._bias(q[part], height, width) if usual.use_rel_pos else None
            some = q[None, part], k[None, part], v[None, part]
            found: Tensor = scaled_dot_product_attention(*some, bias)[0]
            return found

        limit = GPU_BYTES if hidden_states.is_cuda else CPU_BYTES
        size = max(1, limit // (places * places * q.element_size()))
        found = torch.cat(in_chunks(batch * heads, size, attend))
        joined = found.reshape(batch, heads, height, width, -1).permute(0, 2, 3, 1, 4)
        return usual.proj(joined.reshape(batch, height, width, -1)), None

    def _bias(self, query: Tensor, height: int, width: int) -> Tensor:
        """What is added to the scores of some heads, `[1, n, h w, h w]`."""
        usual, size = self._usual, (height, width)
        bias: Tensor = usual.get_decomposed_rel_pos(
            query, usual.rel_pos_h, usual.rel_pos_w, size, size
        )
        return bias.reshape(1, len(query), height * width, height * width)
