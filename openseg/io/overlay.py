"""An image with the regions found in it drawn over: translucent fills, outlines, labels.

Where masks overlap, the smaller one is on top and nothing is mixed; outlines lie inside the masks.
Drawn at the image's own resolution, one mask at a time, in 8 bits and within the mask's box.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import erf, sqrt
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
from PIL import ImageChops, ImageDraw, ImageFilter

from openseg.io.drawing.chips import draw_chip, make_chips, place_chips
from openseg.io.drawing.palette import Colour, colours_of, mix
from openseg.types.image import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_FILL = 0.38
_SHADE = 0.5
_SAME_BOX = 0.8
_BLACK = (0, 0, 0)


def draw_overlay(
    image: Image,
    masks: Tensor,
    labels: Sequence[str] = (),
    scores: Tensor | None = None,
    boxes: Tensor | None = None,
    classes: Sequence[int] | None = None,
    font: int | None = None,
) -> PIL.Image.Image:
    """Draws regions over the image they were found in.

    Args:
        image: The image.
        masks: bool `[n, h, w]`, on any device; an empty mask is drawn as its box and label only.
        labels: The words of each region; none for no words.
        scores: float `[n]`, written behind the words with two decimals.
        boxes: float `[n, 4]` xyxy in pixels; the corners of those are drawn that say something
            else than their masks (IoU with the mask's own box below 0.8).
        classes: What the hue of each region stands for, from 0; by default its label. Regions of
            one class differ in shade; where there is one class only, they differ in hue.
        font: Height of the words in pixels; by default it follows the size of the image.

    Returns:
        Mode `RGB`, of the image's size; without regions the image itself.
    """
    source = PIL.Image.fromarray(np.ascontiguousarray(image.pixels.permute(1, 2, 0).cpu().numpy()))
    picture = source.copy()
    style = _Style.of(picture.size)
    if font is not None:
        style = replace(style, font=font)
    regions = _regions(masks, labels, boxes, classes)
    for region in regions:
        _fill(picture, source, region)
    for region in regions:
        _outline(picture, region, style)
    for region in regions:
        if region.boxed:
            _corners(picture, region, style)
    _label(picture, regions, scores, style)
    return picture


@dataclass(frozen=True)
class _Style:
    """Sizes in pixels that follow the size of the picture, so that all pictures look alike."""

    line: float
    font: int

    @classmethod
    def of(cls, size: tuple[int, int]) -> _Style:
        side = sqrt(size[0] * size[1])
        return cls(line=max(min(2.0, side / 60), side / 320), font=max(11, round(side / 32)))


@dataclass(frozen=True)
class _Region:
    """What is drawn of one region.

    Attributes:
        row: Its row in the columns.
        label: Its words.
        colour: Of its fill, line and label.
        crop: bool `[h, w]`: the mask, cut out.
        corner: Left and top of the cut-out.
        box: What its label keeps to: the given box where that is drawn, else the mask's own.
        boxed: Whether the box is drawn.
    """

    row: int
    label: str
    colour: Colour
    crop: NDArray[np.bool_]
    corner: tuple[int, int]
    box: tuple[int, int, int, int]
    boxed: bool

    @property
    def mask(self) -> PIL.Image.Image:
        """The cut-out, 0 and 255."""
        return PIL.Image.fromarray(self.crop.view(np.uint8) * np.uint8(255))

    @property
    def peak(self) -> int:
        """The column above which its label looks best: the middle of the mask's upper end."""
        if self.boxed or not self.crop.size:
            return (self.box[0] + self.box[2]) // 2
        top = self.crop[: 1 + len(self.crop) // 20]
        return self.corner[0] + int(np.flatnonzero(top.any(axis=0)).mean())


def _regions(
    masks: Tensor, labels: Sequence[str], boxes: Tensor | None, classes: Sequence[int] | None
) -> list[_Region]:
    """The regions, largest mask first."""
    names = list(labels) or [""] * len(masks)
    colours = colours_of(names if classes is None else classes)
    regions = []
    for row, (mask, name, paint) in enumerate(zip(masks, names, colours, strict=True)):
        array = mask.cpu().numpy()
        left, top, right, bottom = extent = _extent(array)
        crop = array[top:bottom, left:right].copy()
        box = extent if boxes is None else _on_pixels(boxes[row].tolist(), array.shape)
        boxed = _iou(box, extent) < _SAME_BOX
        kept = box if boxed else extent
        regions.append(_Region(row, name, paint, crop, (left, top), kept, boxed))
    return sorted(regions, key=lambda region: -int(np.count_nonzero(region.crop)))


def _extent(mask: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """The box around a mask; zeros for an empty one."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _on_pixels(xyxy: Iterable[float], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    left, top, right, bottom = (round(value) for value in xyxy)
    height, width = shape
    return max(left, 0), max(top, 0), min(right, width), min(bottom, height)


def _iou(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)) - shared
    return shared / both if both > 0 else 1.0


def _fill(picture: PIL.Image.Image, source: PIL.Image.Image, region: _Region) -> None:
    if not region.crop.size:
        return
    left, top = region.corner
    mask = region.mask
    under = source.crop((left, top, left + mask.width, top + mask.height))
    tint = PIL.Image.new("RGB", mask.size, region.colour)
    picture.paste(PIL.Image.blend(under, tint, _FILL), region.corner, mask)


def _outline(picture: PIL.Image.Image, region: _Region, style: _Style) -> None:
    """Draws the line along the inside of the mask's edge, with a shade behind it.

    A Gaussian of the line's width takes a straight edge to the normal distribution of the distance
    from it: thresholds of the blurred mask are lines of constant width, with smooth inner sides.
    """
    if not region.crop.size:
        return
    width = style.line
    margin = round(3 * width) + 1
    mask = region.mask
    padded = PIL.Image.new("L", (mask.width + 2 * margin, mask.height + 2 * margin))
    padded.paste(mask, (margin, margin))
    blurred = padded.filter(ImageFilter.GaussianBlur(width))
    blurred = blurred.crop((margin, margin, margin + mask.width, margin + mask.height))
    for reach, opacity, paint in (
        (1.6 * width, _SHADE, mix(region.colour, _BLACK, 0.8)),
        (width, 1.0, region.colour),
    ):
        band = blurred.point(_within(reach, width, opacity))
        picture.paste(paint, region.corner, ImageChops.multiply(band, mask))


def _within(reach: float, blur: float, opacity: float) -> list[int]:
    """Opacity by blurred value: full nearer to the edge than `reach`, none half a pixel beyond."""
    full, none = (0.5 + 0.5 * erf((reach + side) / blur / sqrt(2)) for side in (-0.5, 0.5))
    values = np.arange(256) / 255
    ramp = np.clip((none - values) / (none - full), 0, 1)
    table: list[int] = np.rint(ramp * opacity * 255).astype(int).tolist()
    return table


def _corners(picture: PIL.Image.Image, region: _Region, style: _Style) -> None:
    """Draws the four corners of the box: it is seen without crossing what it holds."""
    left, top, right, bottom = region.box
    width = max(1, round(style.line * 0.75))
    arm = max(2 * width, round(min(right - left, bottom - top) * 0.12))
    pen = ImageDraw.Draw(picture)
    for x, inward_x in ((left, 1), (right, -1)):
        for y, inward_y in ((top, 1), (bottom, -1)):
            for dx, dy in ((arm, width), (width, arm)):
                xs = sorted((x, x + inward_x * dx))
                ys = sorted((y, y + inward_y * dy))
                pen.rectangle((xs[0], ys[0], xs[1] - 1, ys[1] - 1), fill=region.colour)


def _label(
    picture: PIL.Image.Image, regions: Sequence[_Region], scores: Tensor | None, style: _Style
) -> None:
    numbers = None if scores is None else [f"{score:.2f}" for score in scores.tolist()]
    texts = [(region.label, numbers[region.row] if numbers else "") for region in regions]
    chips = make_chips(texts, style.font, picture.size)
    made = [(region, chip) for region, chip in zip(regions, chips, strict=True) if chip]
    places = place_chips(
        np.array([chip.size for _, chip in made], dtype=np.int64).reshape(-1, 2),
        np.array([region.box for region, _ in made], dtype=np.int64).reshape(-1, 4),
        np.array([region.peak for region, _ in made], dtype=np.int64),
        picture.size,
    )
    for (region, chip), (left, top) in zip(made, places.tolist(), strict=True):
        draw_chip(picture, chip, (left, top), region.colour)
