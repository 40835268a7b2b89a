"""What only `test_unseen` may show or ask: colour-category pairs, category-part pairs, layouts.

Fixed arithmetic patterns pick them, so every colour, category and part word is still seen in
training, and nothing depends on a seed.
"""

from typing import Literal, get_args

from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.splits import Split
from openseg.mini.rooms.vocabulary import COLOURS

Layout = Literal["bedroom", "living room", "office", "dining room", "store room", "studio", "hall"]
"""Families of rooms: which furniture groups stand where, and how long and wide the room is."""

LAYOUTS: tuple[Layout, ...] = get_args(Layout)
"""All layout families."""

UNSEEN_LAYOUTS: tuple[Layout, ...] = ("studio", "hall")
"""Layout families that only `test_unseen` shows."""

SEEN_LAYOUTS: tuple[Layout, ...] = tuple(x for x in LAYOUTS if x not in UNSEEN_LAYOUTS)
"""Layout families of all other splits."""


def held_out(colour: str, category_name: str) -> bool:
    """Whether a colour-category pair is kept out of training, validation and `test_seen`.

    Raises:
        ValueError: If there is no such colour or category.
    """
    row = [c.name for c in CATEGORIES].index(category_name)
    column = list(COLOURS).index(colour)
    return (5 * row + 7 * column) % 13 in (2, 9)


SEEN_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (colour, c.name) for c in CATEGORIES for colour in COLOURS if not held_out(colour, c.name)
)
"""(colour, category) pairs that every split may show."""

UNSEEN_PAIRS: tuple[tuple[str, str], ...] = tuple(
    (colour, c.name) for c in CATEGORIES for colour in COLOURS if held_out(colour, c.name)
)
"""(colour, category) pairs that only `test_unseen` shows."""


def _unseen_parts() -> tuple[tuple[str, str], ...]:
    """About every fourth owner of each part name that at least three categories share.

    No category loses more than one part.
    """
    owners: dict[str, list[str]] = {}
    for c in CATEGORIES:
        for part in c.parts:
            owners.setdefault(part, []).append(c.name)
    taken: dict[str, str] = {}
    for part, names in sorted(owners.items()):
        for k, name in enumerate(names):
            due = len(names) >= 3 and k % 4 == len(part) % min(4, len(names))
            if due and name not in taken:
                taken[name] = part
    return tuple(taken.items())


UNSEEN_PARTS: tuple[tuple[str, str], ...] = _unseen_parts()
"""(category, part) pairs that sentences ask for in `test_unseen` only; they are drawn and labelled
in every split."""

SEEN_PARTS: tuple[tuple[str, str], ...] = tuple(
    (c.name, part) for c in CATEGORIES for part in c.parts if (c.name, part) not in UNSEEN_PARTS
)
"""(category, part) pairs that sentences of every split may ask for."""


def pairs_of(split: Split) -> tuple[tuple[str, str], ...]:
    """The (colour, category) pairs that a split may show."""
    return SEEN_PAIRS + UNSEEN_PAIRS if split == "test_unseen" else SEEN_PAIRS


def parts_of(split: Split) -> tuple[tuple[str, str], ...]:
    """The (category, part) pairs that a split's sentences may ask for."""
    return SEEN_PARTS + UNSEEN_PARTS if split == "test_unseen" else SEEN_PARTS
