"""What is asked of a crop: phrases, with boxes that show what they mean or do not mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openseg.mini.recipes.claims import Claim, truth
from openseg.mini.recipes.regions import NO, OPEN, YES, Region, answers

WITHOUT_WORDS = "visual"
"""The text of a concept that only boxes show, as SAM 3 has it."""
WITHOUT_WORDS_SHARE = 0.3
"""Chance of a concept with a positive exemplar to lose its words: things of that kind are meant."""
JITTER = 0.05
"""Most that an edge of an exemplar is off, as a share of the box."""


@dataclass(frozen=True)
class Concept:
    """One concept on one crop.

    Attributes:
        text: its words.
        truth: whether it names a region of the crop: NO, OPEN or YES, uint8 [m].
        exemplars: by centre and size, relative to the crop, float32 [k, 4].
        positive: 1 where an exemplar shows the concept and 0 where not, int64 [k].
    """

    text: str
    truth: NDArray[np.uint8]
    exemplars: NDArray[np.float32]
    positive: NDArray[np.int64]


def concepts_of(
    texts: Sequence[str], table: NDArray[np.uint8], count: int, rng: np.random.Generator
) -> list[Concept]:
    """Picks concepts of a prompt, those that name something before those that do not.

    Args:
        texts: the prompt's phrases.
        table: whether a phrase names a region, uint8 [regions, texts].
        count: how many to pick; as many as the prompt has where it has fewer.
        rng: source of chance.

    Returns:
        The concepts, without exemplars; at most a third of them name nothing if others do.
    """
    found = (table == YES).any(axis=0)
    order = rng.permutation(len(texts))
    there = [k for k in order if found[k]]
    absent = [k for k in order if not found[k]]
    most = max(count // 3, count - len(there))
    picked = [*absent[:most], *there][:count]
    none = np.zeros((0, 4), np.float32), np.zeros(0, np.int64)
    return [Concept(texts[k], table[:, k], *none) for k in picked]


def with_exemplars(
    concept: Concept,
    regions: Sequence[Region],
    boxes: NDArray[np.float32],
    there: NDArray[np.bool_],
    count: int,
    rng: np.random.Generator,
) -> Concept:
    """Gives a concept boxes: the first of something it names, if it names something.

    Args:
        concept: the concept.
        regions: the regions of the crop.
        boxes: their boxes, xyxy relative to the crop, [m, 4].
        there: whether the crop shows the region, [m].
        count: how many boxes.
        rng: source of chance.
    """
    shown = rng.permutation(np.flatnonzero((concept.truth == YES) & there))
    others = rng.permutation(np.flatnonzero((concept.truth == NO) & there))
    if len(shown) and rng.random() < WITHOUT_WORDS_SHARE and regions[shown[0]].part is None:
        concept = _of_kind(concept, regions, there, int(shown[0]))
        others = rng.permutation(np.flatnonzero((concept.truth == NO) & there))
    rows: list[NDArray[np.float32]] = []
    positive: list[int] = []
    for place in range(count):
        take = shown if len(shown) > place and (place == 0 or not len(others)) else others
        box = boxes[take[place % len(take)]] if len(take) else _anywhere(rng)
        rows.append(_drawn(box, rng))
        positive.append(int(take is shown and len(take) > 0))
    return replace(concept, exemplars=np.stack(rows), positive=np.array(positive, np.int64))


def _of_kind(
    concept: Concept, regions: Sequence[Region], there: NDArray[np.bool_], shown: int
) -> Concept:
    """The concept of all things of the kind of one of them, without words."""
    claim = Claim(category=regions[shown].seen.thing.category)
    level = truth([claim], answers(regions))[:, 0]
    level = np.where(there, level, np.minimum(level, OPEN)).astype(np.uint8)
    return replace(concept, text=WITHOUT_WORDS, truth=level)


def _anywhere(rng: np.random.Generator) -> NDArray[np.float32]:
    """Some box, where a crop shows nothing that could be pointed at."""
    corner = rng.uniform(0.0, 0.7, 2)
    return np.concatenate([corner, corner + rng.uniform(0.1, 0.3, 2)]).astype(np.float32)


def _drawn(box: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """A box as a user might draw it, by centre and size."""
    size = box[2:] - box[:2]
    corners = box + np.tile(size, 2) * rng.uniform(-JITTER, JITTER, 4)
    low, high = corners[:2].clip(0, 1), corners[2:].clip(0, 1)
    return np.concatenate([(low + high) / 2, high - low]).astype(np.float32)
