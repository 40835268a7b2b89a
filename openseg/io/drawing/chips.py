"""Labels on a picture: where they go, so that they cover each other least, and how they look.

A chip may sit above, below, beside or inside its region's box. Chips are placed one by one, those
of small regions first because they have the fewest places; each takes the cheapest place left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
from PIL import ImageDraw
from PIL.ImageFont import FreeTypeFont

from openseg.io.drawing.fonts import font_for
from openseg.io.drawing.palette import Colour, ink, mix

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SMOOTHING = 4
_SMALLEST_FONT = 8
_WIDEST = 0.5
_MOST_COVERED = 0.15
_DOTS = "..."
# What a place costs: lying on another chip, hiding another region, lying on the box of
# another region, being a chip height away from its own, and not being the first choice.
_ON_CHIP, _HIDES, _ON_OTHER, _AWAY, _LATER = 10.0, 1.0, 0.5, 0.25, 0.03


@dataclass(frozen=True)
class Chip:
    """A label ready to be placed.

    Attributes:
        name: The words, in characters the font has.
        score: The score as text; may be empty.
        font: For both.
        size: Width and height of the chip in pixels.
    """

    name: str
    score: str
    font: FreeTypeFont
    size: tuple[int, int]


def make_chips(
    texts: Sequence[tuple[str, str]], font_size: int, picture: tuple[int, int]
) -> list[Chip | None]:
    """Sizes the labels of a picture: where they would fill it, all get a smaller font.

    Args:
        texts: Words and score of each region; either may be empty.
        font_size: Wanted font height in pixels.
        picture: Width and height of the picture.

    Returns:
        For each its chip; None if there is nothing to say or no room to say it.
    """
    chips = [_make_chip(name, score, font_size, picture) for name, score in texts]
    covered = sum(chip.size[0] * chip.size[1] for chip in chips if chip is not None)
    room = _MOST_COVERED * picture[0] * picture[1]
    if covered <= room or font_size <= _SMALLEST_FONT:
        return chips
    smaller = max(_SMALLEST_FONT, int(font_size * sqrt(room / covered)))
    return [_make_chip(name, score, smaller, picture) for name, score in texts]


def _make_chip(name: str, score: str, font_size: int, picture: tuple[int, int]) -> Chip | None:
    """One chip in the wanted font or the largest that fits; long words are cut."""
    for size in range(font_size, _SMALLEST_FONT - 1, -1):
        font, shown = font_for(name, size)
        widest = picture[0] if size == _SMALLEST_FONT else picture[0] * _WIDEST
        shown = _shorten(shown, score, font, widest)
        chip = Chip(shown, score, font, _chip_size(shown, score, font))
        fits = chip.size[0] <= picture[0] and chip.size[1] <= picture[1]
        if fits and (shown or score):
            return chip
    return None


def place_chips(
    sizes: NDArray[np.int64],
    regions: NDArray[np.int64],
    peaks: NDArray[np.int64],
    picture: tuple[int, int],
) -> NDArray[np.int64]:
    """Finds a place for every chip.

    Args:
        sizes: `[n, 2]`, width and height of the chips, none larger than the picture.
        regions: `[n, 4]`, xyxy of the region each chip belongs to.
        peaks: `[n]`, the column that the chip shall be centred on.
        picture: Width and height of the picture.

    Returns:
        `[n, 2]`, left and top of the chips; each lies inside the picture.
    """
    places = np.zeros((len(sizes), 2), dtype=np.int64)
    taken = np.zeros((0, 4), dtype=np.int64)
    area = _areas(regions)
    for i in np.argsort(area, kind="stable"):
        options = _options(sizes[i], regions[i], int(peaks[i]), picture)
        rects = np.concatenate([options, options + sizes[i]], axis=1)
        covered = _overlaps(rects, np.delete(regions, i, axis=0))
        chip_area = int(sizes[i].prod())
        cost = (
            _ON_CHIP * _overlaps(rects, taken).sum(axis=1) / chip_area
            + _HIDES * (covered / np.maximum(np.delete(area, i), 1)).sum(axis=1)
            + _ON_OTHER * covered.sum(axis=1) / chip_area
            + _AWAY * _gaps(rects, regions[i]) / int(sizes[i][1])
            + _LATER * np.arange(len(rects))
        )
        best = rects[int(cost.argmin())]
        places[i] = best[:2]
        taken = np.concatenate([taken, best[None]])
    return places


def draw_chip(picture: PIL.Image.Image, chip: Chip, place: tuple[int, int], fill: Colour) -> None:
    """Draws a chip: a rounded plate in the region's colour with its words and, paler, its score."""
    width, height = chip.size
    rim = mix(fill, (0, 0, 0), 0.45)
    large = PIL.Image.new("RGBA", (width * _SMOOTHING, height * _SMOOTHING), (*rim, 0))
    ImageDraw.Draw(large).rounded_rectangle(
        (0, 0, large.width - 1, large.height - 1),
        radius=height * _SMOOTHING * 0.28,
        fill=fill,
        outline=rim,
        width=max(_SMOOTHING // 2, round(height * _SMOOTHING * 0.03)),
    )
    plate = large.reduce(_SMOOTHING)
    pen = ImageDraw.Draw(plate)
    colour = ink(fill)
    # Capitals are about 0.72 of a font's size: with the baseline here they stand in the middle.
    baseline, side = round(height / 2 + 0.36 * chip.font.size), _side(chip.font)
    pen.text((side, baseline), chip.name, colour, chip.font, anchor="ls")
    if chip.score:
        right = width - side
        pen.text((right, baseline), chip.score, mix(colour, fill, 0.2), chip.font, anchor="rs")
    picture.paste(plate, place, plate)


def _options(
    size: NDArray[np.int64], region: NDArray[np.int64], peak: int, picture: tuple[int, int]
) -> NDArray[np.int64]:
    """Left and top of every place a chip may take, best first, inside the picture."""
    width, height = (int(v) for v in size)
    left, top, right, bottom = (int(v) for v in region)
    middle_x, middle_y = (left + right - width) // 2, (top + bottom - height) // 2
    columns = (peak - width // 2, left, right - width, middle_x)
    rows = (top - height, top, bottom, bottom - height, middle_y)
    places = [(x, y) for y in rows for x in columns]
    places += [(x, y) for x in (right, left - width) for y in (middle_y, top)]
    places += [(x, top - height * k) for k in range(2, 6) for x in columns]
    places += [(x, bottom + height * k) for k in range(1, 5) for x in columns]
    return np.clip(np.array(places, dtype=np.int64), 0, np.array(picture) - size)


def _overlaps(a: NDArray[np.int64], b: NDArray[np.int64]) -> NDArray[np.int64]:
    """Shared pixels `[len(a), len(b)]` of rectangles xyxy."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared: NDArray[np.int64] = np.maximum(high - low, 0).prod(axis=2)
    return shared


def _gaps(rects: NDArray[np.int64], region: NDArray[np.int64]) -> NDArray[np.int64]:
    """Distance in pixels between each rectangle and the region's box; 0 where they touch."""
    beyond = np.maximum(rects[:, :2] - region[2:], region[:2] - rects[:, 2:])
    gaps: NDArray[np.int64] = np.maximum(beyond, 0).max(axis=1)
    return gaps


def _areas(rects: NDArray[np.int64]) -> NDArray[np.int64]:
    areas: NDArray[np.int64] = (rects[:, 2:] - rects[:, :2]).prod(axis=1)
    return areas


def _shorten(name: str, score: str, font: FreeTypeFont, widest: float) -> str:
    """Cuts words from the end until the chip is narrow enough."""
    if _chip_size(name, score, font)[0] <= widest:
        return name
    low, high = 0, len(name)
    while low < high:
        half = (low + high + 1) // 2
        fits = _chip_size(name[:half] + _DOTS, score, font)[0] <= widest
        low, high = (half, high) if fits else (low, half - 1)
    return name[:low].rstrip() + _DOTS if low else ""


def _chip_size(name: str, score: str, font: FreeTypeFont) -> tuple[int, int]:
    between = font.size * 0.4 if name and score else 0
    width = font.getlength(name) + between + font.getlength(score)
    return round(width) + 2 * _side(font) + 1, round(font.size * 1.45)


def _side(font: FreeTypeFont) -> int:
    """Free pixels left and right of the text."""
    return max(2, round(font.size * 0.4))
