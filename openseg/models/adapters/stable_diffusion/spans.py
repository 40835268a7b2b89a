"""Texts as token ids with the characters each token stands for: words are found by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openseg.types.errors import InputError

FRAME = 2
"""The start and the end token."""


@dataclass(frozen=True)
class Spelling:
    """A text as a model reads it.

    Attributes:
        ids: Token ids, padded to the model's context.
        spans: Start and end in characters of each token; `(0, 0)` for special tokens.
    """

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


def spell(tokenizer: Any, text: str) -> Spelling:
    """Tokenise a text to the model's full context, as Stable Diffusion is trained.

    Args:
        tokenizer: A `CLIPTokenizer`.
        text: The text; it may be empty.

    Raises:
        InputError: If the text is longer than the context.
    """
    limit = int(tokenizer.model_max_length)
    coded = tokenizer(
        text, padding="max_length", max_length=limit, return_offsets_mapping=True, verbose=False
    )
    if len(coded["input_ids"]) > limit:
        raise InputError(
            f"text of {len(coded['input_ids']) - FRAME} tokens, the model reads {limit - FRAME}: "
            f"'{text[:60]}...'",
            fix="shorten the text",
        )
    return Spelling(
        tuple(coded["input_ids"]), tuple((int(a), int(b)) for a, b in coded["offset_mapping"])
    )


def tokens_of(spans: Sequence[tuple[int, int]], word: tuple[int, int]) -> list[int]:
    """The tokens that stand for any character of a word.

    Args:
        spans: What `spell` gave.
        word: Start and end in characters of the text.
    """
    start, end = word
    return [i for i, (a, b) in enumerate(spans) if a < end and b > start]
