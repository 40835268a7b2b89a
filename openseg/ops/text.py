"""From the text a user typed to the phrases it asks for."""

from __future__ import annotations

import re

from openseg.types import Phrase, TextQuery
from openseg.types.errors import InputError

_HARD = re.compile(r"[;\n]")
_FULL_STOPS = re.compile(r"\.(?=\s|$)")


def parse_query(text: str) -> TextQuery:
    """Splits a text into phrases.

    Phrases are separated by `;` or line ends. A text without either may use the form that Grounding
    DINO made common, `a cat. a dog.`; where `;` is used, a full stop is an ordinary character.

    Args:
        text: What the user typed.

    Returns:
        The query; a phrase's `class_id` counts distinct phrases, ignoring case, in order of first
        appearance.

    Raises:
        InputError: If no phrase is left.
    """
    separator = _HARD if _HARD.search(text.strip()) else _FULL_STOPS
    classes: dict[str, int] = {}
    phrases = []
    start = 0
    for end in [*(match.start() for match in separator.finditer(text)), len(text)]:
        words = text[start:end].strip()
        if words:
            offset = text.index(words, start)
            class_id = classes.setdefault(words.lower(), len(classes))
            phrases.append(Phrase(words, class_id, (offset, offset + len(words))))
        start = end + 1
    if not phrases:
        raise InputError(
            "the text names nothing to look for",
            where="text",
            fix="give one or more phrases, separated by ';'",
        )
    return TextQuery(text, tuple(phrases))
