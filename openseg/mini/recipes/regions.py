"""What is true of a thing or a part, as a row of three-valued answers that phrases read.

The answers are those of the sentences' checker: a thing whose colour or name people could disagree
about answers "open", and such a pair of region and phrase teaches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from openseg.mini.recipes.stills import Still
from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.held_out import UNSEEN_PARTS
from openseg.mini.rooms.records import Seen
from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.sentences.meaning.likeness import MAY_BE_CALLED, MAY_SERVE
from openseg.mini.rooms.sentences.meaning.looks import (
    Answer,
    is_coloured,
    is_made,
    is_sized,
    part_is,
)
from openseg.mini.rooms.vocabulary import COLOURS, FUNCTIONS, MATERIALS

NO, OPEN, YES = 0, 1, 2
"""Answers, in an order that makes the answer to several questions their minimum."""

MIN_PART_PIXELS = 40
"""A part with fewer visible pixels is not spoken of."""

LIKE_THE_WHOLE = 0.7
"""A part whose box overlaps its thing's by this IoU is as good as the thing to a detector."""

_NEARLY_ALL = 0.8  # a part with this share of a thing's pixels may be taken for the thing
_LEVEL: dict[Answer, int] = {"no": NO, "open": OPEN, "yes": YES}
PART_NAMES = tuple(sorted({part for c in CATEGORIES for part in c.parts}))
WHOLE = ("part", "")
"""The question whether a region is a whole thing."""

QUESTIONS: dict[tuple[str, str], int] = {
    question: column
    for column, question in enumerate(
        [
            ("always", ""),
            WHOLE,
            *(("category", c.name) for c in CATEGORIES),
            *(("colour", colour) for colour in COLOURS),
            *(("material", material) for material in MATERIALS),
            *(("size", word) for word in ("small", "large")),
            *(("function", key) for key in FUNCTIONS),
            *(("part", part) for part in PART_NAMES),
            *(("part colour", colour) for colour in COLOURS),
        ]
    )
}
"""Column of every question that can be asked of a region; those on looks are about its thing."""


@dataclass(frozen=True)
class Region:
    """A thing of a still, or one of its parts.

    Attributes:
        seen: the thing.
        part: the part, or None for the whole thing.
        box: xyxy around its visible pixels, right and bottom edges exclusive.
    """

    seen: Seen
    part: str | None
    box: tuple[float, float, float, float]

    @property
    def pair(self) -> tuple[str, str]:
        """Colour and category of its thing."""
        return self.seen.thing.colour, self.seen.thing.category


def whole(seen: Seen) -> Region:
    """The region of a whole thing."""
    return Region(seen, None, seen.box)


def part_regions(still: Still, names: Sequence[str] | None = None) -> list[Region]:
    """The parts of a still's things that show enough to be spoken of.

    Args:
        still: the still.
        names: only parts of these names; all where None.
    """
    found = []
    for seen in still.things:
        for part, pixels in seen.parts.items():
            if pixels >= MIN_PART_PIXELS and (names is None or part in names):
                found.append(Region(seen, part, box_of(still.mask(seen, part))))
    return found


def box_of(mask: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    """Tight box of a mask, xyxy with exclusive right and bottom edges; needs one pixel."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def answers(regions: Sequence[Region], *, unseen: bool = False) -> NDArray[np.uint8]:
    """The answers of each region to every question, uint8 [regions, questions].

    Args:
        regions: the regions.
        unseen: whether held-out parts may be named; otherwise their names are open.
    """
    rows = [
        _row(one.seen.thing, tuple(one.seen.parts.items()), one.part, unseen) for one in regions
    ]
    return np.array(rows, dtype=np.uint8).reshape(len(regions), len(QUESTIONS))


@lru_cache(maxsize=100_000)
def _row(
    thing: Thing, parts: tuple[tuple[str, int], ...], part: str | None, unseen: bool
) -> NDArray[np.uint8]:
    row = np.zeros(len(QUESTIONS), dtype=np.uint8)
    pixels = dict(parts)
    for question, level in _about_thing(thing, pixels).items():
        row[QUESTIONS[question]] = level
    row[QUESTIONS["always", ""]] = YES
    if part is None:
        row[QUESTIONS[WHOLE]] = YES
    else:
        _about_part(row, thing, part, unseen)
        if pixels[part] > _NEARLY_ALL * sum(pixels.values()):
            row[QUESTIONS[WHOLE]] = OPEN
    return row


def _about_thing(thing: Thing, pixels: Mapping[str, int]) -> dict[tuple[str, str], int]:
    kind = thing.kind
    total = max(1, sum(pixels.values()))
    shares = {part: pixels.get(part, 0) / total for part in kind.parts}
    found = {("category", name): OPEN for name, also in MAY_BE_CALLED.items() if kind.name in also}
    found["category", kind.name] = YES
    found |= {("function", key): OPEN for key, may in MAY_SERVE.items() if kind.name in may}
    found |= {("function", key): YES for key in kind.functions}
    for colour in COLOURS:
        found["colour", colour] = _LEVEL[is_coloured(thing, colour, shares)]
    for material in MATERIALS:
        found["material", material] = _LEVEL[is_made(thing, material, shares)]
    found["size", "small"] = _LEVEL[is_sized(thing, "small")]
    found["size", "large"] = _LEVEL[is_sized(thing, "large")]
    return found


def _about_part(row: NDArray[np.uint8], thing: Thing, part: str, unseen: bool) -> None:
    for name in PART_NAMES:
        if name.rstrip("s") == part.rstrip("s"):
            row[QUESTIONS["part", name]] = OPEN
    if unseen or (thing.category, part) not in UNSEEN_PARTS:
        row[QUESTIONS["part", part]] = YES
    for colour in COLOURS:
        row[QUESTIONS["part colour", colour]] = _LEVEL[part_is(thing, part, colour)]
