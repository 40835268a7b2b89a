"""From what a user clicked and drew to `Points`: a row a region, with what lies outside of all.

A scribble becomes a few points along the stroke. Points outside tell the segmenter where none of
the regions asked for by points is; every row has them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from openseg.types import Boxes, Points
from openseg.types.errors import UserError

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
) -> Points:
    """Points and scribbles as an edge type: regions of points first, then regions of scribbles.

    Args:
        points: Points `[n][2]` in pixels, each inside a region of its own.
        scribbles: Strokes `[m][k][2]` in pixels, each inside a region of its own.
        negative_points: Points `[o][2]` in pixels that lie in none of these regions.
        device: Where they shall lie.

    Returns:
        `n + m` rows.

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
    if negative_points and not (points or scribbles):
        raise UserError(
            "negative points say where a region is not: there is none they could belong to",
            where="negative point 0",
            fix="give a point or a scribble inside the region too",
        )
    inside = [[one] for one in points] + [along(stroke, STROKE_POINTS) for stroke in scribbles]
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
