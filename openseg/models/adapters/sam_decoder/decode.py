"""SAM's two-way transformer and mask head for many prompts on one image.

Kirillov et al., "Segment Anything", ICCV 2023, arXiv:2304.02643. In the first layer all prompts
meet the same image, so what is projected there is projected once; places stay in rows of channels,
where a transposed convolution of stride 2 is a matrix product.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import layer_norm

from openseg.models.adapters.chunks import in_chunks
from openseg.models.adapters.sam_decoder.attention import (
    among_tokens,
    places_to_tokens,
    tokens_to_places,
    tokens_to_shared,
)

CPU_BYTES, ON_GPU = 8 << 20, 64
"""Prompts decoded at once: on a CPU as many as its caches hold the places of (measured: at SAM's
own size two take 0.8 of the time that eight take), on a GPU as SAM's mask generator does."""


class ImageDecoder:
    """Decodes prompts on one image.

    Args:
        decoder: `transformers`' `SamMaskDecoder`.
        image: `[c, h, w]`, the image's features with the embedding of no mask.
        positions: `[c, h, w]`, the embedding of the places.
        candidates: Whether to give the several masks a prompt may have, or the single one.
    """

    def __init__(self, decoder: Any, image: Tensor, positions: Tensor, candidates: bool) -> None:
        self._decoder = decoder
        self._grid = image.shape[1:]
        self._places = image.flatten(1).T.contiguous()
        self._positions = positions.flatten(1).T.contiguous()
        self._masks = slice(1, None) if candidates else slice(0, 1)
        first = decoder.transformer.layers[0]
        both = self._places + self._positions
        self._key = first.cross_attn_token_to_image.k_proj(both)
        self._value = first.cross_attn_token_to_image.v_proj(self._places)
        self._query = first.cross_attn_image_to_token.q_proj(both)

    def __call__(self, prompts: Tensor) -> tuple[Tensor, Tensor]:
        """Decodes prompts.

        Args:
            prompts: `[n, t, c]`, the embeddings of their points and corners.

        Returns:
            Logits `[n, k, 4 h, 4 w]` and quality `[n, k]`.
        """
        on_cpu = prompts.device.type == "cpu"
        size = max(1, CPU_BYTES // self._places.nbytes) if on_cpu else ON_GPU
        parts = in_chunks(len(prompts), size, lambda part: self._decode(prompts[part]))
        logits, quality = zip(*parts, strict=True)
        return torch.cat(logits), torch.cat(quality)

    def _decode(self, prompts: Tensor) -> tuple[Tensor, Tensor]:
        decoder = self._decoder
        own = torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])
        tokens, places = self._attend(
            torch.cat([own.expand(len(prompts), -1, -1), prompts], dim=1).to(own.dtype)
        )
        heads = decoder.output_hypernetworks_mlps
        rows = range(len(heads))[self._masks]
        weights = torch.stack([heads[row](tokens[:, 1 + row]) for row in rows], dim=1)
        quality = decoder.iou_prediction_head(tokens[:, 0])[:, self._masks]
        return self._draw(places, weights), quality

    def _attend(self, given: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens `[n, t, c]` and places `[n, p, c]` after the two-way transformer."""
        transformer = self._decoder.transformer
        tokens, places, keys = given, self._places, self._positions
        for number, layer in enumerate(transformer.layers):
            shared = number == 0
            if shared:
                tokens = among_tokens(layer.self_attn, tokens, tokens)
            else:
                both = tokens + given
                tokens = tokens + among_tokens(layer.self_attn, both, tokens)
            tokens = layer.layer_norm1(tokens)
            there = layer.cross_attn_token_to_image
            tokens = tokens + (
                tokens_to_shared(there, tokens + given, self._key, self._value)
                if shared
                else tokens_to_places(there, tokens + given, keys, places)
            )
            tokens = layer.layer_norm2(tokens)
            tokens = layer.layer_norm3(tokens + layer.mlp(tokens))
            query = self._query if shared else keys
            back = layer.cross_attn_image_to_token
            places = layer.layer_norm4(
                places_to_tokens(back, query, tokens + given, tokens, places, shared)
            )
            keys = places + self._positions
        final = transformer.final_attn_token_to_image
        tokens = tokens + tokens_to_places(final, tokens + given, keys, places)
        return transformer.layer_norm_final_attn(tokens), places

    def _draw(self, places: Tensor, weights: Tensor) -> Tensor:
        """Logits `[n, k, 4 h, 4 w]` of places `[n, p, c]` and masks' weights `[n, k, d]`."""
        decoder = self._decoder
        norm = decoder.upscale_layer_norm
        fine = _doubled(places, decoder.upscale_conv1)
        fine = decoder.activation(
            layer_norm(fine, norm.normalized_shape, norm.weight, norm.bias, norm.eps)
        )
        fine = decoder.activation(_doubled(fine, decoder.upscale_conv2))
        # [n, p, 2 x 2, 2 x 2, d] by [n, d, k]
        count, masks = weights.shape[:2]
        drawn: Tensor = fine.reshape(count, -1, fine.shape[-1]) @ weights.transpose(1, 2)
        height, width = self._grid
        drawn = drawn.reshape(count, height, width, 2, 2, 2, 2, masks)
        return drawn.permute(0, 7, 1, 3, 5, 2, 4, 6).reshape(count, masks, 4 * height, 4 * width)


def _doubled(places: Tensor, up: Any) -> Tensor:
    """A transposed convolution of kernel and stride 2: four places from each, in a new column.

    Args:
        places: `[..., c]`.
        up: The convolution from c to d channels.

    Returns:
        `[..., 4, d]`: rows, then columns, of the four.
    """
    weight = up.weight.permute(2, 3, 1, 0).flatten(0, 2)
    doubled = torch.nn.functional.linear(places, weight, up.bias.repeat(4))
    return torch.unflatten(doubled, -1, (4, -1))
