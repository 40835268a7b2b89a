"""Draws a few expressions for a scene: what they say, what they mean, and what makes them hard.

An expression names a colour and a category, a category alone or a colour alone, and means one
object, several or none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from openseg.mini.world.phrases import (
    absent_phrases,
    category_texts,
    colour_texts,
    pair_texts,
    phrases,
)
from openseg.mini.world.scene import Scene
from openseg.mini.world.vocabulary import CATEGORIES, COLOURS, SEEN_PAIRS, UNSEEN_PAIRS, held_out

PAIR, CATEGORY, COLOUR = "colour+category", "category", "colour"

_SINGLE = (PAIR, CATEGORY, COLOUR, PAIR)
_ONE, _SEVERAL, _NONE = (PAIR, CATEGORY), (CATEGORY, COLOUR), 1


@dataclass(frozen=True)
class Expression:
    """A sentence about a scene.

    Attributes:
        text: The sentence.
        object_ids: Ids of all objects it means, ascending; empty if it means none.
        construction: What it names: `colour+category`, `category` or `colour`.
        pair: `held-out` if an object it means, or else the pair it names, is of a colour and
            category that never occur together in training; otherwise `seen`.
    """

    text: str
    object_ids: tuple[int, ...]
    construction: str
    pair: str


def single_expressions(scene: Scene) -> list[Expression]:
    """At most four expressions, each true of exactly one object.

    Two name colour and category, one the category and one the colour where that is enough;
    otherwise others stand in.

    Args:
        scene: The scene; it decides the draw.
    """
    rng = np.random.default_rng(scene.seed)
    return _choose([one for one in _true(scene, rng) if len(one.object_ids) == 1], _SINGLE, rng)


def general_expressions(scene: Scene) -> list[Expression]:
    """At most five expressions: two for one object, two for several, one for none.

    Args:
        scene: The scene; it decides the draw. Where no two objects are alike, none means several.
    """
    rng = np.random.default_rng(scene.seed)
    true = _true(scene, rng)
    one = _choose([e for e in true if len(e.object_ids) == 1], _ONE, rng)
    several = _choose([e for e in true if len(e.object_ids) > 1], _SEVERAL, rng)
    pairs = SEEN_PAIRS + UNSEEN_PAIRS if scene.split == "test_unseen" else SEEN_PAIRS
    absent = absent_phrases(scene.things, rng, _NONE, pairs)
    return [*one, *several, *(_absent(text) for text in absent)]


def _true(scene: Scene, rng: np.random.Generator) -> list[Expression]:
    """One way to say each set of objects by each construction, in random order."""
    rare = {thing.id for thing in scene.things if held_out(thing.colour, thing.category)}
    ways: dict[tuple[str, tuple[int, ...]], list[str]] = {}
    singular = {category.name for category in CATEGORIES}
    for phrase in phrases(scene.things):
        if len(phrase.object_ids) == 1 or phrase.text not in singular:
            key = _meaning()[phrase.text][0], phrase.object_ids
            ways.setdefault(key, []).append(phrase.text)
    found = [
        Expression(
            text=texts[rng.integers(len(texts))],
            object_ids=ids,
            construction=construction,
            pair="held-out" if rare & set(ids) else "seen",
        )
        for (construction, ids), texts in ways.items()
    ]
    return [found[k] for k in rng.permutation(len(found))]


def _choose(
    expressions: Sequence[Expression], wanted: Iterable[str], rng: np.random.Generator
) -> list[Expression]:
    """One expression for each wanted construction, or another if there is none left."""
    left = list(expressions)
    chosen: list[Expression] = []
    for construction in wanted:
        asked = {one.object_ids for one in chosen}
        left.sort(key=lambda one: (one.construction != construction, one.object_ids in asked))
        chosen += left[:1]
        left = left[1:]
    return [chosen[k] for k in rng.permutation(len(chosen))]


def _absent(text: str) -> Expression:
    construction, rare = _meaning()[text]
    return Expression(text, (), construction, "held-out" if rare else "seen")


@cache
def _meaning() -> dict[str, tuple[str, bool]]:
    """What each phrase of the world names, and whether it names a held-out pair."""
    meaning = {
        text: (PAIR, held_out(colour, category.name))
        for category in CATEGORIES
        for colour in COLOURS
        for text in pair_texts(colour, category.name)
    }
    for count in (1, 2):
        for category in CATEGORIES:
            texts = category_texts(category.name, count)
            meaning |= dict.fromkeys(texts, (CATEGORY, False))
        for colour in COLOURS:
            meaning |= dict.fromkeys(colour_texts(colour, count), (COLOUR, False))
    return meaning
