"""Scores points against COCO masks: the pointing game.

Predictions have no official format; ours is JSON lines (or one list) of `{"image_id",
"category_id", "point": [x, y]}`, one for each category in each image, pixel centres being whole
numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from openseg.types.errors import InputError, UserError
from openseg_evals import rle
from openseg_evals.formats.coco import read_truth
from openseg_evals.formats.files import (
    need,
    need_finite,
    need_list,
    need_number,
    read_entries,
    sample,
)
from openseg_evals.metrics.pointing_game import chance, distance_to, pointing_game


def score(gt: Path, pred: Path, options: Mapping[str, str]) -> dict[str, Any]:
    """Scores a file of points.

    Args:
        gt: COCO instances JSON.
        pred: The points; one for every category that an image shows.
        options: `tolerance`.

    Returns:
        The official names.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    tolerance = _tolerance(options["tolerance"])
    targets: defaultdict[tuple[Any, Any], list[rle.RLE]] = defaultdict(list)
    for one in read_truth(gt)["annotations"]:
        targets[one["image_id"], one["category_id"]].append(one["segmentation"])
    found: dict[tuple[Any, Any], tuple[bool, float]] = {}
    for where, entry in read_entries(pred):
        key = need_number(entry, "image_id", where), need_number(entry, "category_id", where)
        if key not in targets:
            what = f"image {key[0]!r} shows no category {key[1]!r}"
            raise InputError(what, where=where, fix="point only at what the truth has")
        if key in found:
            what = f"a second point for image {key[0]!r}, category {key[1]!r}"
            raise InputError(what, where=where, fix="keep one")
        point = need_list(need(entry, "point", where), "point", where)
        if len(point) != 2:
            raise InputError(f"point is {point!r}", where=where, fix="write [x, y]")
        x, y = (need_finite(one, "point", where) for one in point)
        mask = rle.decode(rle.union(targets[key]))
        found[key] = distance_to(mask, x, y) < tolerance, chance(mask, tolerance)
    lost = targets.keys() - found.keys()
    if lost:
        what = f"{len(lost)} of {len(targets)} points are missing: {sample(lost)}"
        raise InputError(what, where=str(pred), fix="give one for each category in each image")
    return pointing_game(
        np.array([hit for hit, _ in found.values()], dtype=np.bool_),
        np.array([category for _, category in found], dtype=np.int64),
        np.array([share for _, share in found.values()], dtype=np.float64),
    )


def _tolerance(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UserError(f"tolerance is {text!r}", fix="write --set tolerance=15") from None
