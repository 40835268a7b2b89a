"""Long vocabularies cut into prompts a model can read, between phrases and never inside one."""

from __future__ import annotations

from collections.abc import Sequence

from openseg.types.errors import InputError


def chunk(lengths: Sequence[int], budget: int) -> list[range]:
    """Fills prompts with phrases, in order, each as full as it gets.

    Args:
        lengths: Tokens each phrase takes, separators included; none exceeds the budget.
        budget: Tokens a prompt may hold.

    Returns:
        Consecutive ranges of phrases that together cover all of them.
    """
    chunks: list[range] = []
    start, used = 0, 0
    for index, length in enumerate(lengths):
        if used + length > budget and index > start:
            chunks.append(range(start, index))
            start, used = index, 0
        used += length
    if lengths:
        chunks.append(range(start, len(lengths)))
    return chunks


def check_phrase(phrase: str, tokens: int, limit: int) -> None:
    """Checks that a phrase can be read at all and in one piece.

    Args:
        phrase: The phrase.
        tokens: How many tokens it has.
        limit: How many the model reads.

    Raises:
        InputError: If it has no token or more than the limit; the message names it.
    """
    if tokens == 0:
        raise InputError(f"phrase '{phrase}' has no word the detector can read")
    if tokens > limit:
        short = phrase if len(phrase) <= 60 else f"{phrase[:57]}..."
        raise InputError(
            f"phrase '{short}' has {tokens} tokens and the detector reads at most {limit}",
            fix="shorten it, or split it into several phrases",
        )
