"""How many things a phrase means, and which of several: "all", "two", "the largest", "the second".

The words are a table; comparisons are of boxes in the picture.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from openseg.types import ParsedPhrase

Measure = Literal["size", "height", "up", "right", "near"]
"""What regions can be compared by in a picture."""

ALL = 0
"""The count of a phrase that means everything that fits."""

_MOST: dict[str, tuple[Measure, int]] = {
    "largest": ("size", 1),
    "biggest": ("size", 1),
    "smallest": ("size", -1),
    "littlest": ("size", -1),
    "tiniest": ("size", -1),
    "tallest": ("height", 1),
    "shortest": ("height", -1),
    "highest": ("up", 1),
    "topmost": ("up", 1),
    "uppermost": ("up", 1),
    "lowest": ("up", -1),
    "bottommost": ("up", -1),
    "rightmost": ("right", 1),
    "leftmost": ("right", -1),
    "closest": ("near", 1),
    "nearest": ("near", 1),
    "frontmost": ("near", 1),
    "farthest": ("near", -1),
    "furthest": ("near", -1),
}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_COUNTS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_EVERY = {"all", "every", "each", "everything", "group"}
_TWO = {"both", "pair"}
_SINGULAR_ENDS = ("ss", "us", "is")


class Comparison(NamedTuple):
    """A comparison among things of one kind.

    Attributes:
        measure: What is compared.
        sign: 1 if the most is meant, -1 if the least.
        place: Which one from there, from 0.
    """

    measure: Measure
    sign: int
    place: int


def compares(words: str) -> bool:
    """Whether words said of a noun compare it with others of its kind."""
    said = _words(words)
    return any(word in _MOST or word in _ORDINALS or word == "last" for word in said)


def comparisons_of(tree: ParsedPhrase, noun: int) -> list[Comparison]:
    """The comparisons that are said of a noun.

    Args:
        tree: The phrase.
        noun: Index of one of its nouns.
    """
    found = []
    side = {w for r in tree.relations if r.noun == noun for w in _words(tree.word(r.landmark))}
    for one in tree.modifiers:
        words = _words(tree.text[slice(*one.span)])
        if one.noun != noun or one.negated:
            continue
        if ordinal := [word for word in words if word in _ORDINALS or word == "last"]:
            place = -1 if ordinal[0] == "last" else _ORDINALS.index(ordinal[0])
            sign = 1 if "right" in side | set(words) else -1
            found.append(Comparison("right", sign, place))
        elif most := [word for word in words if word in _MOST]:
            if {"left", "right"} & set(words):
                found.append(Comparison("right", 1 if "right" in words else -1, 0))
            else:
                found.append(Comparison(*_MOST[most[0]], 0))
    return found


def count_of(tree: ParsedPhrase, noun: int) -> int:
    """How many things a noun of a sentence means: a number, or `ALL`.

    A plural without a number means all; so does a single word, the name of a kind.

    Args:
        tree: The phrase.
        noun: Index of one of its nouns.
    """
    start = tree.noun_phrase_span(noun)[0]
    said = _words(tree.text[start : tree.words[noun].end])
    before = _words(tree.text[:start])
    if _TWO & {*said, *before}:
        return 2
    if _EVERY & {*said, *before[-2:]}:
        return ALL
    numbers = [_COUNTS.index(word) for word in said[:-1] if word in _COUNTS]
    if numbers:
        return numbers[0]
    last = said[-1]
    plural = last.endswith("s") and not last.endswith(_SINGULAR_ENDS)
    return ALL if plural or len(tree) == 1 else 1


def measure_of(boxes: Tensor, measure: Measure) -> Tensor:
    """How much of a measure each region has in the picture, float32 `[n]`.

    What is nearer to a level camera stands lower in its picture.

    Args:
        boxes: float32 `[n, 4]` xyxy.
        measure: The measure.
    """
    left, top, right, bottom = boxes.unbind(dim=1)
    values = {
        "size": (right - left) * (bottom - top),
        "height": bottom - top,
        "up": -(top + bottom) / 2,
        "right": (left + right) / 2,
        "near": bottom,
    }
    return values[measure]


def chosen(boxes: Tensor, comparison: Comparison) -> Tensor:
    """Which of some things of one kind a comparison means: 1 for it, 0 for others, `[n]`.

    Args:
        boxes: float32 `[n, 4]` xyxy.
        comparison: The comparison.
    """
    values = comparison.sign * measure_of(boxes, comparison.measure)
    order = values.argsort(descending=True, stable=True)
    picked = torch.zeros(len(boxes), device=boxes.device)
    if -len(order) <= comparison.place < len(order):
        picked[order[comparison.place]] = 1
    return picked


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
