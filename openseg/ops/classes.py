"""Columns of phrases and the classes they stand for: several phrases may name one class.

A class is known by the `class_id` of its phrases; classes stand in the order of their first phrase.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from openseg.types import Phrase, TextQuery


def class_phrases(phrases: Sequence[Phrase]) -> tuple[Phrase, ...]:
    """The first phrase of each class, in order."""
    first: dict[int, Phrase] = {}
    for phrase in phrases:
        first.setdefault(phrase.class_id, phrase)
    return tuple(first.values())


def class_places(phrases: Sequence[Phrase]) -> list[int]:
    """For each phrase the place of its class among `class_phrases`."""
    place = {phrase.class_id: i for i, phrase in enumerate(class_phrases(phrases))}
    return [place[phrase.class_id] for phrase in phrases]


def per_class(values: Tensor, phrases: Sequence[Phrase]) -> Tensor:
    """The best of each class's phrases.

    Args:
        values: float32 `[n, p]`: rows by phrases.
        phrases: The p phrases.

    Returns:
        float32 `[n, c]`: rows by classes.
    """
    places = torch.tensor(class_places(phrases), device=values.device).expand_as(values)
    best = values.new_zeros(len(values), len(class_phrases(phrases)))
    return best.scatter_reduce_(1, places, values, "amax", include_self=False)


def per_phrase(values: Tensor, phrases: Sequence[Phrase]) -> Tensor:
    """The other way round: each phrase gets the value of its class.

    Args:
        values: float32 `[n, c]`: rows by classes.
        phrases: The p phrases.

    Returns:
        float32 `[n, p]`: rows by phrases.
    """
    return values[:, class_places(phrases)]


def known_phrases(query: TextQuery, known: TextQuery) -> list[bool]:
    """Which phrases belong to a class that is already known by one of its names.

    Args:
        query: What is asked for.
        known: The names a closed-set model was trained with.

    Returns:
        For each phrase of the query whether its class has a phrase with the words of a known
        name, case aside; Yu et al., "Convolutions Die Hard", NeurIPS 2023, arXiv:2308.02487 tells
        seen from unseen classes in this way.
    """
    names = {_words(phrase) for phrase in known.phrases}
    classes = {phrase.class_id for phrase in query.phrases if _words(phrase) in names}
    return [phrase.class_id in classes for phrase in query.phrases]


def _words(phrase: Phrase) -> str:
    return " ".join(phrase.text.casefold().split())
