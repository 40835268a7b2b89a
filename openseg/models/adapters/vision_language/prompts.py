"""Questions as the texts a checkpoint was trained on, and as the batches its network reads.

Rows about the same pictures share the computation of everything up to the last picture, where the
architecture is known to allow it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from openseg.models.protocols import VisualQuestion
from openseg.types.errors import InputError

SHARING = ("llava", "smolvlm", "idefics3")
"""Values of `model_type` whose positions are plain counts, so that a prefix can be continued."""


@dataclass(frozen=True, eq=False)
class Row:
    """One text the network reads.

    Attributes:
        question: Number of the question it belongs to.
        images: The pictures before the words.
        prompt: The question in the chat format, up to where the reply begins.
        ending: A reply to weigh, with its end of turn; empty where one shall be written.
    """

    question: int
    images: tuple[Tensor, ...]
    prompt: str
    ending: str = ""


@dataclass(frozen=True, eq=False)
class Batch:
    """Rows as tensors, padded on the left.

    Attributes:
        ids: int64 `[n, l]`.
        mask: int64 `[n, l]`, 0 where padded.
        cache: Keys and values of the first columns, if they are computed already.
        extras: The other inputs by name: pixels, and what goes with them.
    """

    ids: Tensor
    mask: Tensor
    cache: Any = None
    extras: dict[str, Tensor] = field(default_factory=dict)


def prompt_rows(processor: Any, number: int, question: VisualQuestion) -> list[Row]:
    """The rows of a question: one to write a reply to, or one for each choice.

    Raises:
        InputError: If the words hold the mark that stands for a picture.
    """
    if processor.image_token in question.text:
        raise InputError(
            f"a question holds '{processor.image_token}', which stands for a picture",
            where=f"'{question.text[:60]}'",
            fix="write the question without it",
        )
    prompt = _chat(processor, question)
    if not question.choices:
        return [Row(number, question.images, prompt)]
    return [
        Row(number, question.images, prompt, _ending(processor, question, prompt, choice))
        for choice in question.choices
    ]


def alike(rows: Sequence[Row], sharing: bool) -> list[list[Row]]:
    """Splits rows into groups that one call can read.

    Args:
        rows: The rows.
        sharing: Whether rows about the same pictures shall form a group of their own.

    Returns:
        Groups whose pictures have the same sizes, so that none is padded.
    """
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        same: Any = tuple(id(one) for one in row.images)
        groups.setdefault(same, []).append(row)
    merged: dict[Any, list[Row]] = {}
    for same, group in groups.items():
        sizes = tuple(tuple(one.shape) for one in group[0].images)
        own = sharing and same and len(group) > 1
        merged.setdefault(same if own else sizes, []).extend(group)
    return list(merged.values())


@torch.inference_mode()
def read_rows(model: Any, processor: Any, rows: Sequence[Row]) -> Batch:
    """Encodes a group of rows, its pictures only once where the model shares."""
    texts = [row.prompt + row.ending for row in rows]
    first = rows[0].images
    heads = {_head(processor, row.prompt) for row in rows}
    same = all(_same(row.images, first) for row in rows) and len(heads) == 1
    if model.config.model_type in SHARING and first and same and len(rows) > 1:
        return _continued(model, processor, texts, first, heads.pop())
    inputs = _encode(model, processor, texts, [row.images for row in rows])
    return Batch(inputs.pop("input_ids"), inputs.pop("attention_mask"), None, inputs)


def _continued(
    model: Any, processor: Any, texts: Sequence[str], images: tuple[Tensor, ...], head: str
) -> Batch:
    """A batch whose shared head, all pictures included, has been read already."""
    inputs = _encode(model, processor, [head], [images])
    cache = model(**inputs, use_cache=True, logits_to_keep=1).past_key_values
    cache.batch_repeat_interleave(len(texts))
    begun = inputs["input_ids"].expand(len(texts), -1)
    tokenizer = processor.tokenizer
    last = tokenizer.convert_tokens_to_ids(processor.image_token)
    tails = []
    for text in texts:
        ids = torch.tensor(tokenizer.encode(text, add_special_tokens=False))
        tails.append(ids[int((ids == last).nonzero().max()) + 1 :])
    tail = pad_sequence(tails, batch_first=True, padding_value=-1, padding_side="left")
    tail = tail.to(begun.device)
    mask = torch.cat([torch.ones_like(begun), (tail >= 0).long()], dim=1)
    tail = tail.masked_fill(tail < 0, tokenizer.pad_token_id)
    return Batch(torch.cat([begun, tail], dim=1), mask, cache)


def _encode(
    model: Any, processor: Any, texts: Sequence[str], images: Sequence[tuple[Tensor, ...]]
) -> dict[str, Tensor]:
    start = processor.tokenizer.bos_token
    encoded = processor(
        images=[[_picture(one) for one in some] for some in images] if images[0] else None,
        text=list(texts),
        padding=True,
        add_special_tokens=not (start and texts[0].startswith(start)),
        return_tensors="pt",
    )
    return {
        name: value.to(model.device, model.dtype if value.is_floating_point() else value.dtype)
        for name, value in encoded.items()
    }


def _chat(processor: Any, question: VisualQuestion, reply: str | None = None) -> str:
    content: list[dict[str, str]] = [{"type": "image"} for _ in question.images]
    content.append({"type": "text", "text": question.text})
    messages: list[dict[str, Any]] = [{"role": "user", "content": content}]
    if reply is not None:
        messages.append({"role": "assistant", "content": [{"type": "text", "text": reply}]})
    text: str = processor.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=reply is None
    )
    return text


def _ending(processor: Any, question: VisualQuestion, prompt: str, choice: str) -> str:
    """A choice as the chat format writes it behind the prompt, its end of turn included."""
    whole = _chat(processor, question, choice)
    if whole.startswith(prompt):
        return whole[len(prompt) :].rstrip()
    return choice + str(processor.tokenizer.eos_token)


def _head(processor: Any, prompt: str) -> str:
    """The prompt up to the end of its last picture."""
    before, token, _ = prompt.rpartition(processor.image_token)
    return before + token


def _same(images: tuple[Tensor, ...], others: tuple[Tensor, ...]) -> bool:
    return len(images) == len(others) and all(a is b for a, b in zip(images, others, strict=True))


def _picture(pixels: Tensor) -> Image.Image:
    return Image.fromarray(pixels.permute(1, 2, 0).cpu().numpy())
