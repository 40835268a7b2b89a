"""Dice, HD95 and NSD of medical masks, by the rules of the programs the field uses.

HD95 has three definitions: MedPy pools the distances of both directions, MONAI takes the larger of
two percentiles, surface-distance (DeepMind) weighs by area. NSD, the surface Dice, counts areas
(surface-distance) or border voxels (MONAI). What an empty mask is worth differs once more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openseg_evals.surfaces import Surface, border_voxels, distances, marching_cubes

MEASURES = ("Dice", "HD95", "NSD")
UNDEFINED = float("nan")


class Rules(NamedTuple):
    """Whose definitions are followed.

    Attributes:
        hd95: `medpy`, `monai` or `surface_distance`.
        nsd: `surface_distance`, or `monai` for border voxels.
        empty: What Dice and NSD are where a mask is empty. `surface_distance` (and nnU-Net):
            undefined if both are, else 0. `monai`: Dice undefined if the truth is. `sat` (and
            MedPy with NumPy before 2.3): 1 if both are, else 0. HD95 is undefined if either
            is, whatever the choice: MedPy refuses, MONAI says NaN, surface-distance infinity.
        tolerance: Distance that NSD forgives, mm.
    """

    hd95: str = "medpy"
    nsd: str = "surface_distance"
    empty: str = "surface_distance"
    tolerance: float = 1.0


class _Measured(NamedTuple):
    """Both surfaces, and how far each piece of one is from the other, mm."""

    truth: Surface
    guess: Surface
    from_truth: NDArray[np.float64]
    from_guess: NDArray[np.float64]


def measure(
    truth: NDArray[np.bool_], guess: NDArray[np.bool_], spacing: Sequence[float], rules: Rules
) -> tuple[float, float, float]:
    """Dice, HD95 and NSD of one mask.

    Args:
        truth: bool `[h, w]` or `[d, h, w]`.
        guess: The prediction, of the same size.
        spacing: Distance of voxels along each axis, mm.
        rules: The definitions.

    Returns:
        Dice and NSD as fractions, HD95 in mm; NaN where undefined.
    """
    sizes = int(truth.sum()), int(guess.sum())
    if not all(sizes):
        dice, nsd = _EMPTY[rules.empty](*sizes)
        return dice, UNDEFINED, nsd
    dice = 2 * int((truth & guess).sum()) / sum(sizes)
    return dice, *_surface_scores(truth, guess, spacing, rules)


def medical(table: NDArray[np.float64], labels: Sequence[int], average: str) -> dict[str, Any]:
    """Averages what was measured.

    Args:
        table: Dice, HD95 and NSD of every label of every case, `float64 [cases, labels, 3]`.
        labels: The labels.
        average: `classes`: a label's mean over cases first (SAT, nnU-Net), `cases`: a case's mean
            over labels first (MedSAM).

    Returns:
        `Dice`, `HD95` (mm), `NSD`; `labels`, the same of each label with `cases`, the number of
        cases in which each is defined. None where nothing is.
    """
    means = defined_mean(defined_mean(table, 0 if average == "classes" else 1), 0)
    per_label, counts = defined_mean(table, 0), np.isfinite(table).sum(axis=0)
    rows: dict[int, Any] = {}
    for label, values, cases in zip(labels, per_label, counts, strict=True):
        rows[label] = {**_named(values), "cases": dict(zip(MEASURES, cases.tolist(), strict=True))}
    return {**_named(means), "labels": rows}


def defined_mean(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """The mean along an axis of what is defined; NaN where nothing is."""
    defined = np.isfinite(values)
    count = defined.sum(axis=axis)
    total = np.where(defined, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), UNDEFINED)


def _named(values: NDArray[np.float64]) -> dict[str, float | None]:
    return {
        name: float(value) if np.isfinite(value) else None
        for name, value in zip(MEASURES, values, strict=True)
    }


def _surface_scores(
    truth: NDArray[np.bool_], guess: NDArray[np.bool_], spacing: Sequence[float], rules: Rules
) -> tuple[float, float]:
    """HD95 and NSD of masks that are not empty."""
    measured: dict[str, _Measured] = {}
    for kind in {_KINDS[rules.hd95], _KINDS[rules.nsd]}:
        first, second = (
            border_voxels(one) if kind == "voxels" else marching_cubes(one, spacing)
            for one in (truth, guess)
        )
        there, back = distances(first, second, spacing), distances(second, first, spacing)
        measured[kind] = _Measured(first, second, there, back)
    hd95 = _HD95[rules.hd95](measured[_KINDS[rules.hd95]])
    return hd95, _NSD[rules.nsd](measured[_KINDS[rules.nsd]], rules.tolerance)


def _pooled_hd95(measured: _Measured) -> float:
    return float(np.percentile(np.r_[measured.from_truth, measured.from_guess], 95))


def _largest_hd95(measured: _Measured) -> float:
    return max(float(np.percentile(one, 95)) for one in (measured.from_truth, measured.from_guess))


def _area_hd95(measured: _Measured) -> float:
    return max(
        _area_percentile(measured.from_truth, measured.truth.areas),
        _area_percentile(measured.from_guess, measured.guess.areas),
    )


def _area_percentile(lengths: NDArray[np.float64], areas: NDArray[np.float64]) -> float:
    """The distance within which 95 % of the area lie; no interpolation."""
    order = np.lexsort((areas, lengths))
    shares = np.cumsum(areas[order]) / areas[order].sum()
    place = min(int(np.searchsorted(shares, 0.95)), len(order) - 1)
    return float(lengths[order][place])


def _area_nsd(measured: _Measured, tolerance: float) -> float:
    truth, guess = measured.truth.areas, measured.guess.areas
    near = truth[measured.from_truth <= tolerance].sum()
    near += guess[measured.from_guess <= tolerance].sum()
    return float(near / (truth.sum() + guess.sum()))


def _voxel_nsd(measured: _Measured, tolerance: float) -> float:
    """Share of border voxels near the other border; MONAI compares in single precision."""
    lengths = np.r_[measured.from_truth, measured.from_guess].astype(np.float32)
    return float((lengths <= np.float32(tolerance)).mean())


def _undefined_if_both(truth: int, guess: int) -> tuple[float, float]:
    value = 0.0 if truth or guess else UNDEFINED
    return value, value


def _undefined_without_truth(truth: int, guess: int) -> tuple[float, float]:
    return 0.0 if truth else UNDEFINED, 0.0 if truth or guess else UNDEFINED


def _right_if_both(truth: int, guess: int) -> tuple[float, float]:
    value = 0.0 if truth or guess else 1.0
    return value, value


_KINDS = {"medpy": "voxels", "monai": "voxels", "surface_distance": "cells"}
_HD95 = {"medpy": _pooled_hd95, "monai": _largest_hd95, "surface_distance": _area_hd95}
_NSD = {"surface_distance": _area_nsd, "monai": _voxel_nsd}
_EMPTY: dict[str, Callable[[int, int], tuple[float, float]]] = {
    "surface_distance": _undefined_if_both,
    "monai": _undefined_without_truth,
    "sat": _right_if_both,
}
