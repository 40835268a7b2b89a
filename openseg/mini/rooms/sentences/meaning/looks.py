"""Colours and materials as they can be told: which part shows which, and how much of it is seen.

A thing's colour name is that of its painted parts. Where another colour covers a good share of
what is seen, people may call the thing by that one: then the answer is open.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Literal

import numpy as np

from openseg.mini.rooms.catalogue import category
from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.shapes import Part, shape_of
from openseg.mini.rooms.vocabulary import COLOURS, Material, SizeWord

Answer = Literal["yes", "no", "open"]
Shares = Mapping[str, float] | None
"""Share of a thing's visible pixels that each of its parts has; None where there is no picture."""

Piece = tuple[float, Part]
"""The area of a piece of a part, and the piece."""

_SHAPES = ((0.5, 0.5), (0.0, 0.0), (1.0, 1.0))
_OTHER = 0.25  # another colour on this share of a thing may give it its name
_MAIN = 0.6  # on this share it leaves too little of the thing's own
_PAINTED = 0.2  # a material on less than this cannot be told
_PURE = 0.65  # of a part must be painted to show the thing's colour
_SHADES = 45.0  # two names that differ by less in distance may both be used for a mixed colour
_SIZE_MARGIN = 0.15  # sizes this near to a size word's range may be called by it


@cache
def _pieces(name: str, shape: tuple[float, float] = _SHAPES[0]) -> dict[str, list[Piece]]:
    """Area and make of all pieces of each part of a category."""
    pieces: dict[str, list[Piece]] = {part: [] for part in category(name).parts}
    for part in shape_of(name, shape, 1.0).parts:
        corners = part.mesh.points[part.mesh.faces]
        edges = corners[:, 1:] - corners[:, :1]
        area = float(np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1).sum())
        pieces[part.name].append((area, part))
    return pieces


def _mostly(pieces: list[Piece], has: Callable[[Part], bool]) -> bool:
    return sum(area for area, p in pieces if has(p)) > _PURE * sum(area for area, _ in pieces)


@cache
def painted_parts(name: str) -> frozenset[str]:
    """The parts of a category that are mostly painted: they show its things' own colours."""
    pieces = _pieces(name)
    return frozenset(part for part in pieces if _mostly(pieces[part], lambda p: p.painted))


@cache
def _shows_own_colour(name: str, part: str) -> bool:
    """Whether a part that has a colour of its own mostly shows it, whatever the thing's shape."""
    return all(_mostly(_pieces(name, s)[part], lambda p: not p.fixed) for s in _SHAPES)


@cache
def _mixed(name: str, part: str, colour: str) -> frozenset[str]:
    """Names of the colours that a part's tinted pieces come near to."""
    names = {colour}
    for _, piece in _pieces(name)[part]:
        mix = piece.rgb(COLOURS[colour])
        far = {c: float(np.linalg.norm(np.subtract(COLOURS[c], mix))) for c in COLOURS}
        names |= {c for c in COLOURS if far[c] <= min(far.values()) + _SHADES}
    return frozenset(names)


def part_colour(thing: Thing, part: str) -> str | None:
    """The colour name of a part; None if it is tinted and has no sure name."""
    for accent in thing.accents:
        if accent.part == part:
            return accent.colour if _shows_own_colour(thing.category, part) else None
    return thing.colour if part in painted_parts(thing.category) else None


def part_is(thing: Thing, part: str, colour: str) -> Answer:
    """Whether a part has a colour."""
    sure = part_colour(thing, part)
    if sure is not None:
        return "yes" if sure == colour else "no"
    own = {accent.colour for accent in thing.accents if accent.part == part}
    return "open" if colour in _mixed(thing.category, part, thing.colour) | own else "no"


def is_coloured(thing: Thing, colour: str, shares: Shares) -> Answer:
    """Whether a thing is of a colour."""
    accents = {accent.part for accent in thing.accents}
    if thing.colour == colour:
        covered = shares is not None and any(shares[part] > _MAIN for part in accents)
        return "open" if covered else "yes"
    parts = accents if shares is None else [p for p, share in shares.items() if share > _OTHER]
    rivals = any(part_is(thing, part, colour) != "no" for part in parts)
    return "open" if rivals else "no"


def is_made(thing: Thing, material: Material, shares: Shares) -> Answer:
    """Whether a thing is of a material."""
    if shares is not None:
        accents = {accent.part for accent in thing.accents}
        painted = painted_parts(thing.category) - accents
        if sum(shares[part] for part in painted) < _PAINTED:
            return "open"
    return "yes" if thing.material == material else "no"


def is_sized(thing: Thing, word: SizeWord) -> Answer:
    """Whether a thing is small or large for its category."""
    if thing.size_word == word:
        return "yes"
    low, high = thing.kind.size
    slack = _SIZE_MARGIN * (high - low) * (-1 if word == "small" else 1)
    return "open" if thing.kind.size_word(thing.size + slack) == word else "no"
