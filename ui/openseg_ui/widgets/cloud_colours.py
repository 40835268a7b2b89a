"""Colours of objects: one each, one a class, or along a scale of values.

The scale is cividis (Nuñez, Anderton, Renslow, PLoS ONE 13(7), 2018) without its darkest fifth, so
that low values still stand out from a dark page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from openseg.io.drawing.palette import Colour, mix, shade_of

UNKNOWN = "#9c9c9c"

_STEPS: tuple[Colour, ...] = (
    (46, 64, 108),
    (84, 95, 112),
    (119, 118, 120),
    (157, 146, 115),
    (204, 180, 98),
    (254, 232, 56),
)


class Scale(TypedDict):
    """What the colours of values mean.

    Attributes:
        title: What the values are.
        low: The value of the first colour.
        high: The value of the last one.
        colours: From low to high, as CSS.
    """

    title: str
    low: float
    high: float
    colours: list[str]


def object_colours(count: int) -> list[str]:
    """A colour an object, as CSS."""
    return [css(shade_of(i, 0)) for i in range(count)]


def class_colours(classes: Sequence[int]) -> list[str]:
    """The colour of each class, as CSS."""
    return [css(shade_of(one, 0)) for one in classes]


def scale_of(title: str, values: Sequence[float | None]) -> tuple[list[str | None], Scale]:
    """Colours along the scale from the lowest to the highest of some values; None for none.

    Args:
        title: What the values are.
        values: The values.
    """
    known = [one for one in values if one is not None] or [0.0]
    low, high = min(known), max(known)
    room = high - low
    parts = [None if one is None else ((one - low) / room if room else 1.0) for one in values]
    colours = [None if part is None else css(along(part)) for part in parts]
    return colours, Scale(title=title, low=low, high=high, colours=[css(one) for one in _STEPS])


def along(part: float) -> Colour:
    """The colour at a place of the scale, from 0 to 1."""
    place = part * (len(_STEPS) - 1)
    first = min(int(place), len(_STEPS) - 2)
    return mix(_STEPS[first], _STEPS[first + 1], place - first)


def css(colour: Colour) -> str:
    """A colour as CSS."""
    return "#{:02x}{:02x}{:02x}".format(*colour)
