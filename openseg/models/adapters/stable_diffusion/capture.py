"""Record what happens in a UNet of `diffusers` while it runs; its output stays the same.

The attention is computed in the open (scores, softmax, values) instead of by the fused kernel, so
the maps are there, and gradients flow through them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from diffusers.models.attention_processor import Attention
from torch import Tensor


class _Recorder:
    """Attention processor of one layer that leaves its map, averaged over heads, under a name."""

    def __init__(self, name: str, maps: dict[str, Tensor]) -> None:
        self._name = name
        self._maps = maps

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        """What `AttnProcessor` of diffusers gives for `[b, cells, c]` states; see there."""
        query = attn.head_to_batch_dim(attn.to_q(hidden_states))
        key = attn.head_to_batch_dim(attn.to_k(encoder_hidden_states))
        value = attn.head_to_batch_dim(attn.to_v(encoder_hidden_states))
        probabilities: Tensor = attn.get_attention_scores(query, key, attention_mask)
        by_head = probabilities.view(-1, attn.heads, *probabilities.shape[1:])
        self._maps[self._name] = by_head.float().mean(dim=1)
        mixed = attn.batch_to_head_dim(torch.bmm(probabilities, value))
        out: Tensor = attn.to_out[1](attn.to_out[0](mixed))
        return out.div(attn.rescale_output_factor)


@contextmanager
def recorded(unet: Any) -> Iterator[dict[str, Tensor]]:
    """Record every cross-attention layer while the block runs.

    Args:
        unet: A `UNet2DConditionModel`.

    Yields:
        The maps of the latest forward pass by layer, float32 `[b, cells, tokens]`: each row of
        tokens sums to 1. Empty before the first one.
    """
    maps: dict[str, Tensor] = {}
    before = dict(unet.attn_processors)
    crossing = {
        f"{name}.processor"
        for name, layer in unet.named_modules()
        if isinstance(layer, Attention) and layer.is_cross_attention
    }
    # The UNet empties the dict it is given.
    unet.set_attn_processor(
        {
            name: _Recorder(name, maps) if name in crossing else processor
            for name, processor in before.items()
        }
    )
    try:
        yield maps
    finally:
        unet.set_attn_processor(before)


@contextmanager
def watched(blocks: Sequence[Any]) -> Iterator[list[Tensor]]:
    """Keep what modules give while the block runs.

    Args:
        blocks: Modules that give one tensor, each of them run once.

    Yields:
        Their outputs, in the order of `blocks`; filled when the modules have run.
    """
    seen: dict[int, Tensor] = {}
    found: list[Tensor] = []

    def keep(module: Any, _: Any, output: Tensor) -> None:
        seen[id(module)] = output
        if len(seen) == len({id(one) for one in blocks}):
            found[:] = [seen[id(one)] for one in blocks]

    hooks = [one.register_forward_hook(keep) for one in blocks]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def by_stride(maps: Mapping[str, Tensor], side: int) -> dict[int, Tensor]:
    """Sort the layers by resolution.

    Args:
        maps: What `recorded` gave for square latents.
        side: Side of the latents.

    Returns:
        By stride, how many times coarser than the finest maps, ascending: float32
        `[layers, b, tokens, s, s]`.
    """
    layers: dict[int, list[Tensor]] = {}
    for one in maps.values():
        cells = math.isqrt(one.shape[1])
        square = one.transpose(1, 2).reshape(len(one), -1, cells, cells)
        layers.setdefault(side // cells, []).append(square)
    return {stride: torch.stack(layers[stride]) for stride in sorted(layers)}
