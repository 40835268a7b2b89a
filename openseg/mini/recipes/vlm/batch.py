"""Pack all questions about the same pictures into one row.

The pictures stand once at its beginning; a mask lets each question see them and itself but no other
question, and its positions count on from the pictures. So the row's loss is that of separate
prompts, at a fraction of the cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from openseg.mini.recipes.training import half_precision
from openseg.mini.recipes.vlm.dialogue import Dialogue
from openseg.mini.recipes.vlm.model import pixel_values
from openseg.mini.recipes.vlm.tokenizer import ASSISTANT, END, IMAGE, START, USER

IGNORED = -100


@dataclass(frozen=True, eq=False)
class Packed:
    """Dialogues with equally many pictures.

    Attributes:
        input_ids: int64 `[b, l]`.
        attention_mask: bool `[b, 1, l, l]`: position by what it may see.
        position_ids: int64 `[b, l]`.
        labels: int64 `[b, l]`: the token that follows where it belongs to an answer, else -100.
        weights: float32 `[b, l]`: how much each label counts.
        pixel_values: float32 `[pictures, 3, 128, 128]`.
    """

    input_ids: Tensor
    attention_mask: Tensor
    position_ids: Tensor
    labels: Tensor
    weights: Tensor
    pixel_values: Tensor


def pack(dialogues: Sequence[Dialogue], tokenizer: Any, tokens_a_picture: int) -> list[Packed]:
    """Encode dialogues, a batch for each number of pictures; rows are padded on the right."""
    numbers = sorted({len(one.pictures) for one in dialogues})
    return [
        _pack(
            [one for one in dialogues if len(one.pictures) == number], tokenizer, tokens_a_picture
        )
        for number in numbers
    ]


def answer_loss(model: Any, batches: Sequence[Packed]) -> Tensor:
    """Cross-entropy of the answers' tokens, their end token included.

    A token counts by the inverse square root of its answer's length, so that long descriptions do
    not outweigh yes and no.
    """
    total = torch.zeros((), device=model.device)
    whole = torch.zeros((), device=model.device)
    for packed in batches:
        labels = packed.labels.to(model.device)
        answers = labels != IGNORED
        with half_precision(model.device):
            hidden = model.model(
                input_ids=packed.input_ids.to(model.device),
                attention_mask=packed.attention_mask.to(model.device),
                position_ids=packed.position_ids.to(model.device),
                pixel_values=packed.pixel_values.to(model.device),
                use_cache=False,
            ).last_hidden_state
            logits = model.lm_head(hidden[answers])
        each = functional.cross_entropy(logits.float(), labels[answers], reduction="none")
        weights = packed.weights.to(model.device)[answers]
        total = total + (each * weights).sum()
        whole = whole + weights.sum()
    return total / whole


def _pack(dialogues: Sequence[Dialogue], tokenizer: Any, tokens_a_picture: int) -> Packed:
    rows = [_encode(one, tokenizer, tokens_a_picture) for one in dialogues]
    longest = max(len(row[0]) for row in rows)
    ids, segments, positions, labels, weights = (
        torch.tensor([[*row[at], *[fill] * (longest - len(row[at]))] for row in rows])
        for at, fill in enumerate((tokenizer.pad_token_id, -1, 0, IGNORED, 0.0))
    )
    order = torch.arange(longest)
    same = (segments[:, :, None] == segments[:, None, :]) | (segments[:, None, :] == 0)
    seen = same & (order[:, None] >= order[None, :])
    pictures = [torch.from_numpy(picture) for one in dialogues for picture in one.pictures]
    return Packed(ids, seen[:, None], positions, labels, weights, pixel_values(pictures))


def _encode(
    dialogue: Dialogue, tokenizer: Any, tokens_a_picture: int
) -> tuple[list[int], list[int], list[int], list[int], list[float]]:
    """Tokens, number of the question (0 for pictures), positions, labels and weights of a row."""

    def encode(text: str) -> list[int]:
        found: list[int] = tokenizer.encode(text, add_special_tokens=False)
        return found

    ids = encode(START + USER + IMAGE * (tokens_a_picture * len(dialogue.pictures)))
    start = len(ids)
    segments, positions, labels = [0] * start, list(range(start)), [IGNORED] * start
    weights = [0.0] * start
    for number, question in enumerate(dialogue.questions, 1):
        asked, told = encode(question.text + ASSISTANT), encode(question.answer + END)
        length = len(asked) + len(told)
        ids += asked + told
        segments += [number] * length
        positions += range(start, start + length)
        # The label of a position is the token after it.
        labels += [IGNORED] * (len(asked) - 1) + told + [IGNORED]
        weights += [len(told) ** -0.5] * length
    return ids, segments, positions, labels, weights
