"""Phrases that are true of a scene, with the objects they mean, and phrases that are not.

"red cup" means one object, "cups" all of its category, "red objects" all of its colour. Any objects
with an id, a category and a colour will do: a scene's things or the records read from disk.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from openseg.mini.world.vocabulary import CATEGORIES, COLOURS, SEEN_PAIRS, category


class Described(Protocol):
    """Anything with an id, a category name and a colour name."""

    @property
    def id(self) -> int:
        """Value in the instance id map."""

    @property
    def category(self) -> str:
        """Category name."""

    @property
    def colour(self) -> str:
        """Colour name."""


@dataclass(frozen=True)
class GroundedPhrase:
    """A phrase and all objects it is true of.

    Attributes:
        text: The phrase, lower case, no punctuation.
        object_ids: Ids of exactly the objects it means, ascending; empty if it means none.
    """

    text: str
    object_ids: tuple[int, ...]


def phrases(things: Iterable[Described]) -> list[GroundedPhrase]:
    """All true phrases of a scene, each with everything it is true of.

    Args:
        things: All objects of the scene.

    Returns:
        Phrases for each object, each category and each colour present; no text occurs twice.
    """
    present = sorted(things, key=lambda thing: thing.id)
    found = [
        GroundedPhrase(text, (thing.id,))
        for thing in present
        for text in pair_texts(thing.colour, thing.category)
    ]
    for name in sorted({thing.category for thing in present}):
        ids = tuple(thing.id for thing in present if thing.category == name)
        found += [GroundedPhrase(text, ids) for text in category_texts(name, len(ids))]
    for colour in sorted({thing.colour for thing in present}):
        ids = tuple(thing.id for thing in present if thing.colour == colour)
        found += [GroundedPhrase(text, ids) for text in colour_texts(colour, len(ids))]
    return found


def absent_phrases(
    things: Iterable[Described],
    rng: np.random.Generator,
    n: int,
    pairs: Sequence[tuple[str, str]] = SEEN_PAIRS,
) -> list[str]:
    """Draws phrases that are true of nothing in a scene.

    About two thirds share a colour or a category with something that is there, so that both
    words count.

    Args:
        things: All objects of the scene.
        rng: Source of the draw.
        n: How many phrases.
        pairs: (colour, category) pairs to draw from. The default leaves the held-out pairs out:
            a training set that only ever called them absent would teach just that.

    Returns:
        `n` distinct phrases, or fewer when not that many are left.
    """
    present = list(things)
    there = {(thing.colour, thing.category) for thing in present}
    colours, names = {c for c, _ in there}, {k for _, k in there}
    absent = [pair for pair in pairs if pair not in there]
    near = [pair for pair in absent if pair[0] in colours or pair[1] in names]
    far = [pair for pair in absent if pair[0] not in colours and pair[1] not in names]
    texts = {True: _pick_texts(near, rng), False: _pick_texts(far, rng)}
    texts[False] += [
        _any(category_texts(c.name, int(rng.integers(1, 3))), rng)
        for c in CATEGORIES
        if c.name not in names
    ]
    rng.shuffle(texts[False])
    drawn: list[str] = []
    while len(drawn) < n and (texts[True] or texts[False]):
        wanted = bool(rng.random() < 2 / 3)
        drawn.append((texts[wanted] or texts[not wanted]).pop())
    return drawn


def pair_texts(colour: str, name: str) -> list[str]:
    """Ways to say a colour and a category: "red cup", "the red cup", ..."""
    article = "an" if colour[0] in "aeiou" else "a"
    return [
        f"{colour} {name}",
        f"the {colour} {name}",
        f"{article} {colour} {name}",
        f"{name} that is {colour}",
    ]


def category_texts(name: str, count: int) -> list[str]:
    """Ways to say a category of which `count` objects are there: "cup", "the cups", ..."""
    if count == 1:
        return [name, f"the {name}", f"a {name}"]
    plural = category(name).plural
    return [name, plural, f"the {plural}"]


def colour_texts(colour: str, count: int) -> list[str]:
    """Ways to say a colour of which `count` objects are there: "red object", "red things", ..."""
    if count == 1:
        return [f"{colour} object", f"the {colour} thing"]
    return [f"{colour} objects", f"the {colour} things"]


def words() -> list[str]:
    """Every word that a phrase of this world can contain, sorted: what a tokenizer must know."""
    texts = [text for n in (1, 2) for colour in COLOURS for text in colour_texts(colour, n)]
    texts += [text for n in (1, 2) for c in CATEGORIES for text in category_texts(c.name, n)]
    texts += [text for c in CATEGORIES for colour in COLOURS for text in pair_texts(colour, c.name)]
    return sorted({word for text in texts for word in text.split()})


def _any(texts: list[str], rng: np.random.Generator) -> str:
    return texts[rng.integers(len(texts))]


def _pick_texts(pairs: list[tuple[str, str]], rng: np.random.Generator) -> list[str]:
    """One way to say each pair, in random order."""
    return [_any(pair_texts(*pairs[k]), rng) for k in rng.permutation(len(pairs))]
