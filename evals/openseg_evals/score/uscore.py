"""Scores folders of masks by U-Score: their IoU together with what the network costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError, UserError
from openseg_evals.formats.files import need, need_finite, read_entries
from openseg_evals.formats.labels import need_same_size, paired_pngs, read_labels, unit_names
from openseg_evals.metrics.u_score import U_BENCH, Costs, Zoo, u_bench, u_score, zoo_percentiles
from openseg_evals.tally import UnitTally


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Counts a folder of masks; a unit is an image, its score its IoU.

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
    pairs = paired_pngs(gt, pred, options["missing"])
    ious = np.zeros(len(pairs))
    for row, (truth_file, file) in enumerate(pairs):
        truth = read_labels(truth_file)
        guess = read_labels(file) if file else np.zeros_like(truth)
        if file:
            need_same_size(guess, truth, file)
        target, mask = truth != 0, guess != 0
        ious[row] = (mask & target).sum() / max(int((mask | target).sum()), 1)

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {**u_score(float(ious[rows].mean()), costs, zoo), "images": len(rows)}

    return UnitTally(unit_names(pairs, gt), "IoU", score, lambda: ious)


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
        values = [need_finite(need(entry, key, where), key, where) for key in _KEYS]
        if min(values[1:]) <= 0:
            fix = "params, gflops and fps are above 0"
            raise InputError(f"is {dict(zip(_KEYS, values, strict=True))}", where=where, fix=fix)
        rows.append(values)
    if len(rows) < 2:
        fix = "give two networks at least, as percentiles need"
        raise InputError(f"holds {len(rows)} networks", where=str(path), fix=fix)
    table = np.array(rows)
    return zoo_percentiles(table[:, 0], table[:, 1:])


_KEYS = ("iou", *Costs._fields)
