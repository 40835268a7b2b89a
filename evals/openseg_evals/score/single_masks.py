"""Scores folders of one mask an image: human correction effort, and U-Score.

U-Score joins the masks' IoU with what the network costs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError, UserError
from openseg_evals.formats.files import need, need_finite, read_entries
from openseg_evals.formats.labels import need_same_size, paired_pngs, read_labels, unit_names
from openseg_evals.metrics.human_correction_effort import correction_effort, hce
from openseg_evals.metrics.u_score import U_BENCH, Costs, Zoo, u_bench, u_score, zoo_percentiles
from openseg_evals.tally import UnitTally

_MIDDLE = 128
_ZOO_KEYS = ("iou", *Costs._fields)

_Mask = NDArray[np.bool_]


def tally_hce(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts the clicks that repair each mask; a unit is an image, its score its clicks.

    Args:
        gt: Folder of PNG masks of one channel, above 128 = object.
        pred: Folder of PNG masks of the same names and sizes.
        options: `missing`.

    Returns:
        The counts; scores are `HCE`, the mean, and `images`. Lower is better.

    Raises:
        InputError: If a file is missing or broken, or the folders differ.
        MissingExtraError: If OpenCV or scikit-image is not installed.
    """
    units, clicks = _compare(gt, pred, options["missing"], _read_bright, correction_effort)
    efforts = np.array(clicks, dtype=np.int64)

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {**hce(efforts[rows]), "images": len(rows)}

    return UnitTally(units, "HCE", score, lambda: efforts.astype(np.float64))


def tally_u_score(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Compares masks for U-Score; a unit is an image, its score its IoU.

    Args:
        gt: Folder of PNG masks, not 0 = object.
        pred: Folder of PNG masks of the same names and sizes.
        options: `zoo`, a data set of U-Bench or a file of `{iou, params, gflops, fps}`; `params`,
            `gflops`, `fps`; `missing`.

    Returns:
        The counts; scores are `IoU`, the mean over images, `Eff`, `U-Score`, and `images`.

    Raises:
        InputError: If a file is missing or broken, or the folders differ.
        UserError: If an option cannot be read.
    """
    costs = Costs(*[_cost(options, key) for key in Costs._fields])
    zoo = _zoo(options["zoo"])
    units, overlaps = _compare(gt, pred, options["missing"], _read_object, _iou)
    ious = np.array(overlaps, dtype=np.float64)

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        if not len(rows):
            return {"IoU": None, "Eff": None, "U-Score": None, "images": 0}
        return {**u_score(float(ious[rows].mean()), costs, zoo), "images": len(rows)}

    return UnitTally(units, "IoU", score, lambda: ious)


def _compare(
    gt: Path,
    pred: Path,
    missing: str,
    read: Callable[[Path], _Mask],
    compare: Callable[[_Mask, _Mask], float],
) -> tuple[list[str], list[float]]:
    """What comparing truth and prediction gives, by image."""
    pairs = paired_pngs(gt, pred, missing)
    values = []
    for truth_file, file in pairs:
        truth = read(truth_file)
        guess = read(file) if file else np.zeros_like(truth)
        if file:
            need_same_size(guess, truth, file)
        values.append(compare(truth, guess))
    return unit_names(pairs, gt), values


def _read_object(path: Path) -> _Mask:
    mask: _Mask = read_labels(path) != 0
    return mask


def _read_bright(path: Path) -> _Mask:
    """Pixels above 128; files in which nothing can be meant by that are refused."""
    values = read_labels(path)
    top = int(values.max())
    if top == 1 or top > np.iinfo(np.uint8).max:
        what = f"its highest value is {top}, object pixels are those above {_MIDDLE}"
        raise InputError(what, where=str(path), fix="write 8 bits, 0 and 255")
    mask: _Mask = values > _MIDDLE
    return mask


def _iou(truth: _Mask, guess: _Mask) -> float:
    """IoU; 0 of two empty masks, as in U-Bench."""
    return int((guess & truth).sum()) / max(int((guess | truth).sum()), 1)


def _cost(options: Mapping[str, str], key: str) -> float:
    fix = "write --set params=34.5 (millions) --set gflops=65.5 --set fps=137"
    if not options[key]:
        raise UserError(f"{key} is not given", fix=fix)
    try:
        value = float(options[key])
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise UserError(f"{key} is {options[key]!r}", fix=fix)
    return value


def _zoo(name: str) -> Zoo:
    if name in U_BENCH:
        return u_bench(name)
    if name and Path(name).is_file():
        return _read_zoo(Path(name))
    near = get_close_matches(name, U_BENCH, n=1)
    there = f"did you mean {near[0]!r}?" if near else f"U-Bench has {', '.join(U_BENCH)}"
    what = f"no zoo {name!r}" if name else "zoo is not given"
    raise UserError(what, fix=f"{there}; or give a JSON file of the networks to compare with")


def _read_zoo(path: Path) -> Zoo:
    rows = []
    for where, entry in read_entries(path):
        values = [need_finite(need(entry, key, where), key, where) for key in _ZOO_KEYS]
        if min(values[1:]) <= 0:
            fix = "params, gflops and fps are above 0"
            raise InputError(
                f"is {dict(zip(_ZOO_KEYS, values, strict=True))}", where=where, fix=fix
            )
        rows.append(values)
    if len(rows) < 2:
        fix = "give two networks at least, as percentiles need"
        raise InputError(f"holds {len(rows)} networks", where=str(path), fix=fix)
    table = np.array(rows)
    return zoo_percentiles(table[:, 0], table[:, 1:])
