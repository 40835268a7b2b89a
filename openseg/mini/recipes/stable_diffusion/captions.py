"""What the recipe needs of a data set: pictures with captions whose words are grounded in masks.

Any world can be put behind `CaptionedViews`; `MiniCaptions` does it for the shards of the mini
world. A mention is what one noun and its adjectives say; in captions of a part of the scene the
other things are simply not spoken of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from openseg.mini.recipes.data import Scene, SceneObject, SceneShards
from openseg.mini.world.vocabulary import category

Span = tuple[int, int]
OTHER_ORDERS = ((0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
"""Orders of the colour channels that change the hues and leave the shapes."""


@dataclass(frozen=True)
class Mention:
    """Words of a caption that name something in the picture.

    Attributes:
        words: start and end of the noun and of each adjective, in characters of the caption; the
            noun comes first.
        mask: pixels of everything the words mean, bool [h, w].
    """

    words: tuple[Span, ...]
    mask: NDArray[np.bool_]


@dataclass(frozen=True)
class CaptionedView:
    """A picture, uint8 [h, w, 3], a true caption and what the caption's words mean."""

    image: NDArray[np.uint8]
    caption: str
    mentions: tuple[Mention, ...]


class CaptionedViews(Protocol):
    """A source of training views."""

    def draw(self, step: int, size: int, seed: int) -> list[CaptionedView]:
        """The views of a training step, the same whenever it is asked for again."""
        ...


class MiniCaptions:
    """Captions of mini scenes: lists of some of the things, by colour, by category or by both.

    A fifth of the views have their colour channels swapped and are captioned without colours, so
    that a shape is known apart from the colours it was seen in.

    Args:
        scenes: scenes of one split.
    """

    recoloured_share = 0.2

    def __init__(self, scenes: SceneShards) -> None:
        self._scenes = scenes

    def draw(self, step: int, size: int, seed: int) -> list[CaptionedView]:
        """See `CaptionedViews.draw`; new shards are looked for every 50 steps."""
        if step % 50 == 0:
            self._scenes.rescan()
        rng = np.random.default_rng((seed, step, 2))
        return [self._view(scene, rng) for scene in self._scenes.sample(step, size, seed)]

    def _view(self, scene: Scene, rng: np.random.Generator) -> CaptionedView:
        true_hue = bool(rng.random() > self.recoloured_share)
        image = scene.image if true_hue else scene.image[..., OTHER_ORDERS[rng.integers(5)]]
        count = len(scene.objects)
        most = 1 if rng.random() < 0.4 else count
        chosen = rng.permutation(count)[: int(rng.integers(1, most + 1))]
        caption = describe(scene, [scene.objects[i] for i in chosen], rng, colours=true_hue)
        return CaptionedView(image, *caption)


def describe(
    scene: Scene, items: Sequence[SceneObject], rng: np.random.Generator, *, colours: bool
) -> tuple[str, tuple[Mention, ...]]:
    """List things in words: "a photo of a red cup, two hats and a ball that is blue".

    Args:
        scene: where they are; words that are true of further things of it mean those too.
        items: the things.
        rng: draws the wording.
        colours: whether colours may be said.

    Returns:
        The caption and a mention for each phrase that was not said before.
    """
    text = "a photo of " if rng.random() < 0.3 else ""
    article = str(rng.choice(["", "a ", "the "]))
    mentions: dict[tuple[str | None, str | None], Mention] = {}
    phrases = dict.fromkeys(_claim(item, rng, colours=colours) for item in items)
    for place, (colour, name) in enumerate(phrases):
        meant = [
            o for o in scene.objects if colour in (None, o.colour) and name in (None, o.category)
        ]
        if place:
            text += " and " if place == len(phrases) - 1 else ", "
        text, words = _say(text, article, colour, name, len(meant), rng)
        mask = np.isin(scene.ids, [o.id for o in meant])
        mentions[colour, name] = Mention(words, mask)
    return text, tuple(mentions.values())


def _claim(
    item: SceneObject, rng: np.random.Generator, *, colours: bool
) -> tuple[str | None, str | None]:
    """What is said of a thing: colour and category, or (one time in four) only one of them."""
    kind = rng.random()
    if not colours or kind < 0.2:
        return None, item.category
    return item.colour, None if kind < 0.25 else item.category


def _say(
    text: str,
    article: str,
    colour: str | None,
    name: str | None,
    count: int,
    rng: np.random.Generator,
) -> tuple[str, tuple[Span, ...]]:
    """Append a phrase to the text; returns it with the spans of noun and adjective."""
    noun = (name or "object") if count == 1 else category(name).plural if name else "objects"
    if article == "a " and count > 1:
        article = ""
    behind = colour is not None and rng.random() < 0.1
    before = colour if colour is not None and not behind else None
    if article == "a " and (before or noun)[0] in "aeiou":
        article = "an "
    text += article
    spans = []
    if before is not None:
        spans.append((len(text), len(text) + len(before)))
        text += f"{before} "
    spans.insert(0, (len(text), len(text) + len(noun)))
    text += noun
    if behind and colour is not None:
        text += " that is " if count == 1 else " that are "
        spans.append((len(text), len(text) + len(colour)))
        text += colour
    return text, tuple(spans)
