"""What the recipe needs of a data set: pictures with captions whose words are grounded in masks.

Any world can be put behind `CaptionedViews`. A mention is what one noun and its adjectives say;
what a caption does not speak of, is simply not asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int]


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


@dataclass
class Writing:
    """A text while it is written, with the place of each of its words.

    Attributes:
        text: What is written so far.
        places: Start and end of each word, in characters.
    """

    text: str = ""
    places: list[Span] = field(default_factory=list)

    def add(self, words: Sequence[str]) -> None:
        """Append words with blanks between them; a word that begins with "'" or "," sticks."""
        for word in words:
            sticks = not self.text or word[0] in "',"
            self.text += word if sticks else f" {word}"
            self.places.append((len(self.text) - len(word), len(self.text)))

    def span(self, start: int, end: int) -> Span:
        """Characters from one word to before another, by their numbers."""
        return self.places[start][0], self.places[end - 1][1]
