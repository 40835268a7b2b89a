"""From a phrase to its words, and from a word to what the parser sees of it.

A word is seen as itself and by its endings, each hashed into a table ("hash trick", Weinberger et
al. 2009, arXiv:0902.2206): a word nobody has seen in training is still known by "-ing" or "-ed".
"""

from __future__ import annotations

import re
from zlib import crc32

from openseg.types.parse import Span

_WORD = re.compile(r"['\u2019]s\b|[^\W_]+(?:[-.'\u2019](?!s\b)[^\W_]+)*")

ENDINGS = (2, 3, 4)
"""Lengths of the endings."""

FEATURES = 1 + len(ENDINGS)
"""Features of a word: the word, then its endings."""


def word_spans(text: str) -> list[Span]:
    """Start and end of each word in characters; "'s" is one of its own, punctuation is none.

    Args:
        text: The phrase.

    Returns:
        At least one span: all of a text that has no word.
    """
    return [match.span() for match in _WORD.finditer(text)] or [(0, len(text))]


def features(word: str, rows: int) -> tuple[int, ...]:
    """Rows of the table that stand for a word.

    Args:
        word: The word; case does not matter.
        rows: Rows of the table; row 0 stands for nothing.

    Returns:
        `FEATURES` rows, 0 for endings that are as long as the word.
    """
    word = word.lower().replace("\u2019", "'")
    seen = [word, *(f"-{word[-n:]}" if len(word) > n else "" for n in ENDINGS)]
    return tuple(1 + crc32(part.encode()) % (rows - 1) if part else 0 for part in seen)
