"""Scores folders of label volumes by Dice, HD95 and NSD."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from openseg.types.errors import InputError, UserError
from openseg_evals.formats.files import sample
from openseg_evals.formats.volumes import (
    Volume,
    need_same_grid,
    need_spacing,
    paired_volumes,
    read_volume,
)
from openseg_evals.metrics.medical import MEASURES, Rules, defined_mean, measure, medical
from openseg_evals.tally import UnitTally

_ALL, _ANY = "truth", "any"

_Scores = dict[int, tuple[float, float, float]]


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Measures a folder of volumes; a unit is a case, its score its mean Dice over labels.

    Args:
        gt: Folder of label volumes.
        pred: The same for the predictions, of the same names and sizes.
        options: `hd95`, `nsd`, `empty`, `tolerance`, `spacing`, `labels`, `average`, `missing`.

    Returns:
        The measures; scores are `Dice`, `HD95`, `NSD`, the same by label, and the number of cases.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
        UserError: If an option cannot be read.
        MissingExtraError: If nibabel is needed and not installed.
    """
    rules = Rules(options["hd95"], options["nsd"], options["empty"], _tolerance(options))
    spacing, labels = _spacing(options), _labels(options)
    pairs = paired_volumes(gt, pred, options["missing"])
    cases: list[_Scores] = []
    in_truth: set[int] = set()
    in_guess: dict[int, Path] = {}
    for truth_file, file in pairs.values():
        truth, guess = _read_pair(truth_file, file, spacing)
        if options["labels"] == _ANY:
            truth, guess = (one._replace(labels=np.sign(one.labels)) for one in (truth, guess))
        cases.append(_measure_labels(truth, guess, labels, rules))
        in_truth.update(_boxes(truth.labels))
        in_guess.update(dict.fromkeys(_boxes(guess.labels), file or truth_file))
    if not labels:
        labels = sorted(in_truth)
        _need_known(in_guess, in_truth)
    nothing = np.zeros((1, 1), dtype=np.bool_)
    absent = measure(nothing, nothing, (1.0, 1.0), rules)
    table = np.array([one.get(label, absent) for one in cases for label in labels])
    table = table.reshape(len(cases), len(labels), len(MEASURES))

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        return {**medical(table[rows], labels, options["average"]), "cases": len(rows)}

    return UnitTally(list(pairs), "Dice", score, lambda: defined_mean(table[..., 0], 1))


def _measure_labels(truth: Volume, guess: Volume, labels: list[int], rules: Rules) -> _Scores:
    """The measures of each label that either volume holds, of `labels` if there are any."""
    assert truth.spacing is not None  # noqa: S101 - `_read_pair` fills it in
    ours, theirs = _boxes(truth.labels), _boxes(guess.labels)
    scores: _Scores = {}
    for label in ours.keys() | theirs.keys():
        if not labels or label in labels:
            box = _union([one[label] for one in (ours, theirs) if label in one])
            first, second = (volume.labels[box] == label for volume in (truth, guess))
            scores[label] = measure(first, second, truth.spacing, rules)
    return scores


def _boxes(labels: NDArray[np.integer[Any]]) -> dict[int, tuple[slice, ...]]:
    """The smallest box around each label but 0."""
    boxes = ndimage.find_objects(labels)
    return {label: box for label, box in enumerate(boxes, start=1) if box is not None}


def _union(boxes: list[tuple[slice, ...]]) -> tuple[slice, ...]:
    sides = zip(*boxes, strict=True)
    return tuple(slice(min(s.start for s in side), max(s.stop for s in side)) for side in sides)


def _read_pair(truth_file: Path, file: Path | None, spacing: list[float]) -> tuple[Volume, Volume]:
    """Truth and prediction on one grid, whose spacing the option or a file gives."""
    truth = read_volume(truth_file)
    guess = read_volume(file) if file else truth._replace(labels=np.zeros_like(truth.labels))
    if spacing:
        truth, guess = (one._replace(spacing=None, affine=None) for one in (truth, guess))
    if file:
        need_same_grid(guess, truth, file)
    known = spacing or truth.spacing or guess.spacing
    if not known:
        fix = "write --set spacing=1,1,3, mm along each axis of the array; =1,1 counts pixels"
        raise InputError("does not say its spacing", where=str(truth_file), fix=fix)
    checked = need_spacing(known, truth.labels.ndim, str(truth_file))
    return truth._replace(spacing=checked), guess


def _need_known(in_guess: Mapping[int, Path], in_truth: set[int]) -> None:
    strangers = in_guess.keys() - in_truth
    if strangers:
        what = f"holds labels {sample(strangers)}, the truth only {sample(in_truth) or '0'}"
        fix = "--set labels=any if all mean the same object, --set labels=1,2 to score some"
        raise InputError(what, where=str(in_guess[min(strangers)]), fix=fix)


def _tolerance(options: Mapping[str, str]) -> float:
    values = _numbers(options, "tolerance", "1")
    if len(values) != 1 or not 0 <= values[0] < math.inf:
        fix = "write --set tolerance=1, in mm"
        raise UserError(f"tolerance is {options['tolerance']!r}", fix=fix)
    return values[0]


def _spacing(options: Mapping[str, str]) -> list[float]:
    return _numbers(options, "spacing", "1,1,3") if options["spacing"] else []


def _labels(options: Mapping[str, str]) -> list[int]:
    """The labels to score; none for every label of the truth."""
    if options["labels"] == _ALL:
        return []
    if options["labels"] == _ANY:
        return [1]
    labels = _numbers(options, "labels", "1,2")
    if not all(one.is_integer() and one > 0 for one in labels):
        raise UserError(f"labels is {options['labels']!r}", fix="write whole numbers from 1")
    return [int(one) for one in labels]


def _numbers(options: Mapping[str, str], key: str, example: str) -> list[float]:
    try:
        return [float(one) for one in options[key].split(",")]
    except ValueError:
        fix = f"write --set {key}={example}"
        raise UserError(f"{key} is {options[key]!r}", fix=fix) from None
