"""SAM's image encoder with what is large between its layers made in parts.

Attention adds a table of relative positions, which has a number for each head and pair of places:
800 MB for one image at SAM's own size where every place looks at every other. In parts that a CPU's
cache holds the table costs next to nothing; whole it takes half of the attention's time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from openseg.models.adapters.feed_forward import InRows

CPU_BYTES, GPU_BYTES = 8 << 20, 1 << 30
"""The most that a part of the table takes; on a GPU the heads of an image at once are faster."""


def spare_memory(encoder: Any) -> None:
    """Makes an image encoder work in parts; what it gives is the same up to rounding.

    Args:
        encoder: `transformers`' `SamVisionEncoder`, in eval mode.
    """
    for layer in encoder.layers:
        layer.attn = _InParts(layer.attn)
        layer.mlp = InRows(layer.mlp, layer.mlp.lin1.out_features)


class _InParts(nn.Module):
    """`transformers`' `SamVisionAttention`, some windows, heads or queries at a time."""

    def __init__(self, usual: Any) -> None:
        super().__init__()
        self._usual = usual

    def forward(self, hidden_states: Tensor) -> tuple[Tensor, None]:
        """Attends among places `[b, h, w, c]`; windows are rows of the batch."""
        usual, (batch, height, width, _) = self._usual, hidden_states.shape
        places = height * width
        given = usual.qkv(hidden_states).view(batch, places, 3, usual.num_attention_heads, -1)
        q, k, v = given.permute(2, 0, 3, 1, 4)
        found = torch.empty_like(hidden_states).view(batch, places, q.shape[1], -1).transpose(1, 2)
        table = _Table(usual, q, height, width) if usual.use_rel_pos else None
        limit = GPU_BYTES if hidden_states.is_cuda else CPU_BYTES
        for some, heads, rows in _parts(q.shape[:3], limit // (places * q.element_size())):
            of_queries, of_keys = (some, heads, rows), (some, heads)
            bias = None if table is None else table[of_queries]
            found[of_queries] = scaled_dot_product_attention(
                q[of_queries], k[of_keys], v[of_keys], bias
            )
        joined = found.transpose(1, 2).reshape(hidden_states.shape)
        return usual.proj(joined), None


class _Table:
    """What is added to the scores of queries: a sum over the keys' lines and columns.

    Args:
        usual: The attention with the weights.
        query: `[b, n, h w, d]`.
        height: Lines of places.
        width: Columns of places.
    """

    def __init__(self, usual: Any, query: Tensor, height: int, width: int) -> None:
        lines = usual.get_rel_pos(height, height, usual.rel_pos_h)
        columns = usual.get_rel_pos(width, width, usual.rel_pos_w)
        grid = torch.unflatten(query, 2, (height, width))
        self._lines = torch.einsum("bnhwc,hkc->bnhwk", grid, lines).flatten(2, 3)
        self._columns = torch.einsum("bnhwc,wkc->bnhwk", grid, columns).flatten(2, 3)
        self._memory = query.new_empty(0)

    def __getitem__(self, part: tuple[slice, slice, slice]) -> Tensor:
        """The part for some queries, `[b', n', q, h w]`, which the next part overwrites."""
        lines, columns = self._lines[part][..., None], self._columns[part][..., None, :]
        size = lines.numel() * columns.shape[-1]
        if self._memory.numel() < size:
            self._memory = lines.new_empty(size)
        shape = (*lines.shape[:-1], columns.shape[-1])
        return torch.add(lines, columns, out=self._memory[:size].view(shape)).flatten(3)


def _parts(shape: tuple[int, ...], limit: int) -> Iterator[tuple[slice, slice, slice]]:
    """Cuts windows, heads and queries into parts of at most so many queries."""
    whole = shape[1] * shape[2]
    at_once = (
        max(1, min(shape[0], limit // whole)),
        max(1, min(shape[1], limit // shape[2])),
        max(1, min(shape[2], limit)),
    )
    for first in range(0, shape[0], at_once[0]):
        for second in range(0, shape[1], at_once[1]):
            for third in range(0, shape[2], at_once[2]):
                starts = first, second, third
                some, heads, rows = (
                    slice(start, start + step) for start, step in zip(starts, at_once, strict=True)
                )
                yield some, heads, rows
