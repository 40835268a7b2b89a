"""The words a closed-set model knows, as a query whose phrases are its classes."""

from __future__ import annotations

from openseg.types import Phrase, TextQuery

_SEPARATOR = "; "


def known_query(names: tuple[str, ...]) -> TextQuery:
    """One phrase a class, in order.

    Args:
        names: The names of the classes.
    """
    phrases = []
    start = 0
    for number, name in enumerate(names):
        phrases.append(Phrase(name, number, (start, start + len(name))))
        start += len(name) + len(_SEPARATOR)
    return TextQuery(_SEPARATOR.join(names), tuple(phrases))
