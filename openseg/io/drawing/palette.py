"""Colours that people with any colour vision tell apart.

Okabe and Ito, "Color Universal Design", 2008, without black and in an order that keeps neighbours
far apart; further colours are lighter and darker versions of these.
"""

from __future__ import annotations

from collections.abc import Sequence

Colour = tuple[int, int, int]

_OKABE_ITO: tuple[Colour, ...] = (
    (86, 180, 233),
    (230, 159, 0),
    (0, 158, 115),
    (204, 121, 167),
    (240, 228, 66),
    (213, 94, 0),
    (0, 114, 178),
)
_SHADES: tuple[tuple[Colour, float], ...] = (
    ((0, 0, 0), 0.0),
    ((255, 255, 255), 0.5),
    ((0, 0, 0), 0.4),
)


def shade_of(hue: int, shade: int) -> Colour:
    """The colour of a class or region.

    Args:
        hue: From 0. After 7 the hues come again in the next shade.
        shade: From 0: plain, lighter, darker, and again.
    """
    base = _OKABE_ITO[hue % len(_OKABE_ITO)]
    other, share = _SHADES[(shade + hue // len(_OKABE_ITO)) % len(_SHADES)]
    return mix(base, other, share)


def colours_of(classes: Sequence[object]) -> list[Colour]:
    """Hues for classes and shades within them; hues for regions where there is one class.

    Args:
        classes: The class of each region: its number, or anything else that is equal for regions of
            one class.
    """
    kinds = list(dict.fromkeys(classes))
    if len(kinds) == 1:
        return [shade_of(i, 0) for i in range(len(classes))]
    hues = [kind if isinstance(kind, int) else kinds.index(kind) for kind in classes]
    return [shade_of(hue, hues[:i].count(hue)) for i, hue in enumerate(hues)]


def ink(paper: Colour) -> Colour:
    """Near-black or white, whichever reads better on the given colour.

    The bound is the luminance at which both have the same contrast by WCAG 2.
    """
    return (17, 17, 17) if _luminance(paper) > 0.179 else (255, 255, 255)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """A colour between two: `share` of `b`, the rest `a`."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def _luminance(of: Colour) -> float:
    """Relative luminance by WCAG 2, from 0 to 1."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in of)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
