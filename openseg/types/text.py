"""Words on edges: the query, its phrases, and the phrase each region was found for.

The text of a prompt is not the name of a class: a phrase carries both, and labels are decided by
spans in the query, never by comparing strings.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Phrase:
    """One thing asked for.

    Attributes:
        text: The words given to a model.
        class_id: Index of the phrase's class in the query's vocabulary, from 0.
        span: Start and end of `text` in the query's text, in characters.
    """

    text: str
    class_id: int
    span: tuple[int, int]


@dataclass(frozen=True)
class TextQuery:
    """What the user asked for.

    Attributes:
        text: The text as it was given.
        phrases: The things asked for, in order; none only where a method can do without words and
            was given none.
    """

    text: str
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class Phrases:
    """The phrase of each region, aligned with boxes, masks and scores.

    Attributes:
        items: One phrase a region.
    """

    items: tuple[Phrase, ...]

    def __len__(self) -> int:
        return len(self.items)

    def take(self, rows: list[int]) -> Phrases:
        """The phrases of the given rows, in that order."""
        return Phrases(tuple(self.items[row] for row in rows))
