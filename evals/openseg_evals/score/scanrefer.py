"""Scores ScanRefer from files as its benchmark exchanges them: a box a sentence, by its corners.

The truth is what `ScanRefer_filtered_test_gt_bbox.json` holds, with the class of each object, which
the official program takes from the predictions; `openseg eval` writes it under `truth/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals.formats.files import (
    need,
    need_finite,
    need_list,
    need_text,
    read_entries,
    sample,
)
from openseg_evals.metrics.scenes.scanrefer import Described, among_several, box_ious, scanrefer
from openseg_evals.tally import UnitTally, multiplicity
from openseg_evals.upright_boxes import box_around

CORNERS = 8
_KEY = ("scene_id", "object_id", "ann_id")
_THRESHOLD = 0.5

_Key = tuple[str, ...]


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts a file of predictions; a unit is a scene, its score its own Acc@0.5.

    Args:
        gt: JSON list or lines of `scene_id`, `object_id`, `ann_id`, `class`, `bbox`.
        pred: The same without `class`; `bbox` is null where nothing was found.
        options: `missing`.

    Returns:
        The counts; scores are those of `scanrefer`, and `samples`. A scene none of whose sentences
        count scores NaN.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    described, truth = _read_truth(gt)
    places = {key: row for row, key in enumerate(truth)}
    boxes = np.full((len(places), 6), np.nan)
    answered = _read_answers(pred, places, boxes)
    if options["missing"] == "error" and not answered.all():
        lost = [" ".join(key) for key, row in places.items() if not answered[row]]
        what = f"{len(lost)} of {len(places)} sentences have no prediction: {sample(lost)}"
        fix = "write null where nothing was found, or choose --set missing=empty"
        raise InputError(what, where=str(pred), fix=fix)
    counts = answered if options["missing"] == "skip" else np.ones_like(answered)
    ious = box_ious(boxes, np.array(list(truth.values())).reshape(-1, 6))
    several = among_several(described)
    scenes = {one: row for row, one in enumerate(dict.fromkeys(one.scene for one in described))}
    home = np.array([scenes[one.scene] for one in described], dtype=np.int64)

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        times = multiplicity(rows, len(scenes))[home] * counts
        chosen = np.repeat(np.arange(len(ious)), times)
        return {**scanrefer(ious[chosen], several[chosen]), "samples": len(chosen)}

    def score_units() -> NDArray[np.float64]:
        asked = np.bincount(home, weights=counts, minlength=len(scenes))
        right = np.bincount(home, weights=counts & (ious >= _THRESHOLD), minlength=len(scenes))
        shares = np.full(len(scenes), np.nan)
        np.divide(right, asked, out=shares, where=asked > 0)
        return shares

    return UnitTally(list(scenes), "Acc@0.5 of the scene", score, score_units)


def _read_truth(path: Path) -> tuple[list[Described], dict[_Key, NDArray[np.float64]]]:
    described: list[Described] = []
    boxes: dict[_Key, NDArray[np.float64]] = {}
    for where, entry in read_entries(path):
        key = _key(entry, where)
        if key in boxes:
            fix = "keep one entry for each sentence"
            raise InputError(f"{' '.join(key)} occurs a second time", where=where, fix=fix)
        box = _box(need(entry, "bbox", where), where)
        if box is None:
            raise InputError("bbox is null", where=where, fix="a sentence's object has a box")
        boxes[key] = box
        described.append(Described(key[0], key[1], need_text(entry, "class", where)))
    return described, boxes


def _read_answers(
    path: Path, places: Mapping[_Key, int], boxes: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Fills in the boxes of the sentences that have one; says which have an answer, `bool [n]`."""
    answered = np.zeros(len(places), dtype=np.bool_)
    for where, entry in read_entries(path):
        key = _key(entry, where)
        if key not in places:
            fix = "the predictions are for another split"
            raise InputError(f"{' '.join(key)} is not in the truth", where=where, fix=fix)
        row = places[key]
        if answered[row]:
            fix = "keep one prediction for each sentence"
            raise InputError(f"{' '.join(key)} occurs a second time", where=where, fix=fix)
        answered[row] = True
        box = _box(need(entry, "bbox", where), where)
        if box is not None:
            boxes[row] = box
    return answered


def _key(entry: Any, where: str) -> _Key:
    return tuple(need_text(entry, name, where) for name in _KEY)


def _box(corners: Any, where: str) -> NDArray[np.float64] | None:
    if corners is None:
        return None
    found = [need_list(one, "a corner of bbox", where) for one in need_list(corners, "bbox", where)]
    if len(found) != CORNERS or any(len(one) != 3 for one in found):
        fix = "write 8 corners of x, y and z, or null"
        raise InputError("bbox is no box", where=where, fix=fix)
    return box_around([[need_finite(v, "bbox", where) for v in one] for one in found])
