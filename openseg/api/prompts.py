"""From what a user clicked and drew to `Points`: a row a region, with what lies outside of all.

A scribble becomes a few points along the stroke. Points outside tell the segmenter where none of
the regions asked for by points is; every row has them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from openseg.io.mask_image import mask_from
from openseg.types import Boxes, Image, Masks, Points
from openseg.types.errors import InputError, UserError

if TYPE_CHECKING:
    import torch

STROKE_POINTS = 8
"""The most points a scribble is read at: as many as SAM was trained with (Kirillov et al. 2023,
appendix A)."""

_INSIDE, _OUTSIDE, _PADDING = 1, 0, -1


def boxes_of(rows: Sequence[Sequence[float]], device: torch.device) -> Boxes:
    """Boxes as an edge type.

    Args:
        rows: Boxes `[n][4]`, xyxy in pixels.
        device: Where they shall lie.

    Raises:
        UserError: If a row is not a box.
    """
    import torch

    for i, row in enumerate(rows):
        if len(row) != 4 or not row[0] < row[2] or not row[1] < row[3]:
            raise UserError(
                f"{list(row)} is not a box", where=f"box {i}", fix="left,top,right,bottom in pixels"
            )
    return Boxes(torch.tensor(rows, dtype=torch.float32, device=device).reshape(-1, 4))


def points_of(
    points: Sequence[Sequence[float]],
    scribbles: Sequence[Sequence[Sequence[float]]],
    negative_points: Sequence[Sequence[float]],
    device: torch.device,
    *,
    one_thing: bool = False,
) -> Points:
    """Points and scribbles as an edge type: regions of points first, then regions of scribbles.

    Args:
        points: Points `[n][2]` in pixels, each inside a region of its own.
        scribbles: Strokes `[m][k][2]` in pixels, each inside a region of its own.
        negative_points: Points `[o][2]` in pixels that lie in none of these regions.
        device: Where they shall lie.
        one_thing: Whether boxes or a mask that are given too show the same thing, so that points
            outside need none inside beside them.

    Returns:
        `n + m` rows; one for points outside alone.

    Raises:
        UserError: If a point is not two numbers, a scribble is empty, or there are points outside
            and nothing inside.
    """
    import torch

    _check(points, "point")
    _check(negative_points, "negative point")
    for i, stroke in enumerate(scribbles):
        _check(stroke, f"scribble {i}, point")
        if not stroke:
            raise UserError("the stroke has no points", where=f"scribble {i}", fix="x,y x,y ...")
    if negative_points and not (points or scribbles or one_thing):
        raise UserError(
            "negative points say where a region is not: there is none they could belong to",
            where="negative point 0",
            fix="give a point or a scribble inside the region too",
        )
    inside = [[one] for one in points] + [along(stroke, STROKE_POINTS) for stroke in scribbles]
    if negative_points and not inside:
        inside = [[]]
    most = max(map(len, inside), default=1)
    rows = [
        [*some, *negative_points, *[(0.0, 0.0)] * (most - len(some))] for some in inside
    ]  # padding comes last
    labels = [
        [_INSIDE] * len(some) + [_OUTSIDE] * len(negative_points) + [_PADDING] * (most - len(some))
        for some in inside
    ]
    count = most + len(negative_points)
    return Points(
        torch.tensor(rows, dtype=torch.float32, device=device).reshape(-1, count, 2),
        torch.tensor(labels, dtype=torch.int64, device=device).reshape(-1, count),
    )


def mask_of(given: Any, image: Image) -> Masks:
    """A mask that the user drew, or the masks that a former round found, as an edge type.

    Args:
        given: What `openseg.io.mask_image.mask_from` takes, `Masks`, or None for no mask.
        image: The image it was drawn on.

    Raises:
        InputError: If it cannot be read, has another size than the image, or is black.
    """
    height, width = image.size
    if given is None:
        return Masks(image.pixels.new_zeros(0, height, width).bool())
    if not isinstance(given, Masks):
        return Masks(mask_from(given, image, "mask")[None])
    rows, columns = given.data.shape[1:]
    if (rows, columns) != image.size:
        name = image.name or "the image"
        raise InputError(
            f"the former masks are {columns}x{rows}, {name} is {width}x{height}",
            where="mask",
            fix="give masks found on that image",
        )
    return Masks(given.data.to(image.pixels.device))


def check_inside(drawn: Mapping[str, Sequence[Sequence[Sequence[float]]]], image: Image) -> None:
    """Checks that what was drawn lies on the image.

    Args:
        drawn: Strokes `[n][k][2]` in pixels by what messages call them; a point is one of `k` = 1.
        image: The image.

    Raises:
        UserError: If a point lies outside.
    """
    height, width = image.size
    for name, strokes in drawn.items():
        for i, stroke in enumerate(strokes):
            for x, y in stroke:
                if not (0 <= x <= width and 0 <= y <= height):
                    raise UserError(
                        f"{x:g},{y:g} lies outside of {image.name or 'the image'}, which is "
                        f"{width}x{height}",
                        where=f"{name} {i}",
                        fix="count x from the left and y from the top, in pixels",
                    )


def along(stroke: Sequence[Sequence[float]], most: int) -> list[Sequence[float]]:
    """Points of a stroke at equal distances along it, its two ends among them.

    Args:
        stroke: One or more points `(x, y)`.
        most: How many to give; a stroke that has no more is given as it is.
    """
    if len(stroke) <= most:
        return list(stroke)
    walked = [0.0]
    for before, after in pairwise(stroke):
        walked.append(walked[-1] + math.dist(before, after))
    found, place = [], 0
    for step in range(most):
        wanted = walked[-1] * step / (most - 1)
        while place < len(stroke) - 2 and walked[place + 1] < wanted:
            place += 1
        length = walked[place + 1] - walked[place]
        part = (wanted - walked[place]) / length if length else 0.0
        (x0, y0), (x1, y1) = stroke[place], stroke[place + 1]
        found.append((x0 + part * (x1 - x0), y0 + part * (y1 - y0)))
    return list(found)


def _check(rows: Sequence[Sequence[float]], name: str) -> None:
    for i, row in enumerate(rows):
        if len(row) != 2 or not all(map(math.isfinite, row)):
            raise UserError(f"{list(row)} is not a point", where=f"{name} {i}", fix="x,y in pixels")
