"""Where a network looks in a picture when it begins its reply: one layer's attention, read out.

Middle layers look at what the question is about: Shi et al., "Catching the Details: Self-Distilled
RoI Predictors for Fine-Grained MLLM Perception", 2025, arXiv:2509.16944.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import isqrt
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from openseg.models.adapters.vision_language.prompts import prompt_rows, read_rows
from openseg.models.protocols import VisualQuestion
from openseg.types.errors import InputError


def picture_attention(model: Any, processor: Any, question: VisualQuestion, depth: float) -> Tensor:
    """The attention of the last token before the reply to the picture's tokens.

    Args:
        model: The network.
        processor: Its processor.
        question: A question with one picture.
        depth: Which layer, from 0 for the first to 1 for the last.

    Returns:
        float32 `[gh, gw]`, the mean over heads; the grid covers the whole picture.

    Raises:
        InputError: If the question has not exactly one picture.
    """
    if len(question.images) != 1:
        raise InputError(
            f"attention is read for one picture, the question has {len(question.images)}",
            where=f"'{question.text[:60]}'",
        )
    if getattr(processor.image_processor, "do_center_crop", False):
        question = replace(question, images=(_square(question.images[0]),))
    [row] = prompt_rows(processor, 0, replace(question, choices=()))
    batch = read_rows(model, processor, [row])
    with _weights(model.get_decoder(), depth) as seen:
        model(input_ids=batch.ids, attention_mask=batch.mask, logits_to_keep=1, **batch.extras)
    paid = seen[0][0, :, -1].float().mean(dim=0)
    mark = processor.tokenizer.convert_tokens_to_ids(processor.image_token)
    return _grid(paid[batch.ids[0] == mark], processor, batch.extras)


def _grid(tokens: Tensor, processor: Any, extras: dict[str, Tensor]) -> Tensor:
    """Brings the numbers of a picture's tokens `[t]` into rows and columns."""
    if "image_grid_thw" in extras:  # pictures at their own size, several patches a token
        merged = processor.image_processor.merge_size
        _, height, width = extras["image_grid_thw"][0].tolist()
        return tokens.reshape(height // merged, width // merged)
    # The view of the whole picture comes last, after its tiles, where there are any.
    whole = tokens[-getattr(processor, "image_seq_len", len(tokens)) :]
    side = isqrt(len(whole))
    return whole[len(whole) - side * side :].reshape(side, side)  # without a class token


def _square(pixels: Tensor) -> Tensor:
    """Stretches a picture, so that a processor that keeps its middle square keeps all of it."""
    side = max(pixels.shape[1:])
    stretched = interpolate(pixels[None].float(), size=(side, side), mode="bilinear")
    return stretched[0].round().to(torch.uint8)


@contextmanager
def _weights(decoder: Any, depth: float) -> Iterator[list[Tensor]]:
    """Makes a layer hand out its attention `[1, heads, t, t]` in every pass within the context."""
    layer = decoder.layers[min(int(depth * len(decoder.layers)), len(decoder.layers) - 1)]
    seen: list[Tensor] = []

    def keep(module: Any, given: Any, result: tuple[Tensor, Tensor]) -> None:
        del module, given
        seen.append(result[1])

    usual = decoder.config._attn_implementation
    decoder.set_attn_implementation("eager")  # the fast ones never hold the weights
    hook = layer.self_attn.register_forward_hook(keep)
    try:
        yield seen
    finally:
        hook.remove()
        decoder.set_attn_implementation(usual)
