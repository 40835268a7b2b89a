"""Scores points against COCO masks: the pointing game.

Predictions have no official format; ours is JSON lines (or one list) of `{"image_id",
"category_id", "point": [x, y]}`, one for each category in each image, pixel centres being whole
numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
from openseg_evals.tally import UnitTally, multiplicity

_Key = tuple[Any, Any]


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts a file of points; a unit is an image, its score the share of hits.

    Args:
        gt: COCO instances JSON.
        pred: The points; one for every category that an image shows.
        options: `tolerance`, `missing`.

    Returns:
        The counts; scores are the official names. An image that shows no category scores NaN.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    tolerance = _tolerance(options["tolerance"])
    truth = read_truth(gt)
    targets: defaultdict[_Key, list[rle.RLE]] = defaultdict(list)
    for one in truth["annotations"]:
        targets[one["image_id"], one["category_id"]].append(one["segmentation"])
    found = _read_points(pred, targets)
    lost = targets.keys() - found.keys()
    if lost and options["missing"] == "error":
        what = f"{len(lost)} of {len(targets)} points are missing: {sample(lost)}"
        fix = "give one for each category in each image, or choose --set missing=empty"
        raise InputError(what, where=str(pred), fix=fix)
    place = {one["id"]: row for row, one in enumerate(truth["images"])}
    images = np.array([place[image] for image, _ in targets], dtype=np.int64)
    classes = np.array([category for _, category in targets], dtype=np.int64)
    hits = np.zeros(len(targets), dtype=np.bool_)
    chances = np.zeros(len(targets))
    for row, (key, parts) in enumerate(targets.items()):
        mask = rle.decode(rle.union(parts))
        hits[row] = key in found and distance_to(mask, *found[key]) < tolerance
        chances[row] = chance(mask, tolerance)

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        points = np.repeat(np.arange(len(hits)), multiplicity(rows, len(place))[images])
        return pointing_game(hits[points], classes[points], chances[points])

    def score_units() -> NDArray[np.float64]:
        asked = np.bincount(images, minlength=len(place))
        right = np.bincount(images, weights=hits, minlength=len(place))
        shares = np.full(len(place), np.nan)
        np.divide(right, asked, out=shares, where=asked > 0)
        return shares

    return UnitTally([str(one) for one in place], "hits of the image", score, score_units)


def _read_points(path: Path, targets: Container[_Key]) -> dict[_Key, tuple[float, float]]:
    found: dict[_Key, tuple[float, float]] = {}
    for where, entry in read_entries(path):
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
        found[key] = x, y
    return found


def _tolerance(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UserError(f"tolerance is {text!r}", fix="write --set tolerance=15") from None
