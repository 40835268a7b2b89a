"""Conventions that move a medical score, on masks for which it is known."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openseg_evals.metrics.medical import Rules, measure, medical

NOTHING = np.zeros((5, 6, 7), bool)
DOT = NOTHING.copy()
DOT[2, 2, 2] = True
NEXT = np.roll(DOT, 2, 2)
ISO = (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("empty", "both", "truth", "guess"),
    [
        ("surface_distance", (None, None), (0, 0), (0, 0)),
        ("monai", (None, None), (None, 0), (0, 0)),
        ("sat", (1, 1), (0, 0), (0, 0)),
    ],
)
def test_what_an_empty_mask_is_worth(empty, both, truth, guess):
    rules = Rules(empty=empty)
    for pair, expected in (
        ((NOTHING, NOTHING), both),
        ((NOTHING, DOT), truth),
        ((DOT, NOTHING), guess),
    ):
        dice, hd95, nsd = (None if math.isnan(v) else v for v in measure(*pair, ISO, rules))
        assert (dice, nsd) == expected
        assert hd95 is None


@pytest.mark.parametrize("hd95", ["medpy", "monai", "surface_distance"])
def test_distances_are_mm_along_their_axis(hd95):
    for axis, expected in enumerate((2 * 0.5, 2 * 2.0, 2 * 3.0)):
        moved = np.roll(DOT, 2, axis)
        assert measure(DOT, moved, (0.5, 2.0, 3.0), Rules(hd95))[1] == pytest.approx(expected)


def test_the_three_hd95_differ_as_defined():
    """Two truth voxels, one of which is far from the prediction, along a line: 0 0 0 | 9."""
    truth, guess = np.zeros((1, 40), bool), np.zeros((1, 40), bool)
    truth[0, [0, 20]] = True
    guess[0, 0] = True
    pooled = np.percentile([0, 20, 0], 95)
    largest = np.percentile([0, 20], 95)
    spacing = (1.0, 1.0)
    assert measure(truth, guess, spacing, Rules("medpy"))[1] == pytest.approx(pooled)
    assert measure(truth, guess, spacing, Rules("monai"))[1] == pytest.approx(largest)
    # Pieces of outline lie at the corners of pixels; no distance between two is interpolated.
    assert measure(truth, guess, spacing, Rules("surface_distance"))[1] == 20


@pytest.mark.parametrize(("tolerance", "expected"), [(1.9, 0), (2.0, 1)])
def test_nsd_forgives_what_equals_the_tolerance(tolerance, expected):
    rules = Rules(nsd="monai", tolerance=tolerance)
    assert measure(DOT, NEXT, ISO, rules)[2] == expected
    tenth = Rules(nsd="monai", tolerance=tolerance / 10)  # 0.2 is stored as a little more
    assert measure(DOT, NEXT, (0.1, 0.1, 0.1), tenth)[2] == expected


masks = st.integers(0, 2**24 - 1).map(
    lambda bits: np.array([bits >> k & 1 for k in range(24)], bool).reshape(2, 3, 4)
)


@settings(max_examples=60, deadline=None)
@given(masks, masks, st.sampled_from(["medpy", "monai", "surface_distance"]))
def test_scores_are_symmetric_and_do_not_see_where_the_object_lies(first, second, hd95):
    rules = Rules(hd95, tolerance=0.8)
    spacing = (0.7, 1.0, 2.0)
    found = measure(first, second, spacing, rules)
    np.testing.assert_allclose(measure(second, first, spacing, rules), found)
    wide = [np.pad(one, ((2, 1), (0, 3), (1, 1))) for one in (first, second)]
    np.testing.assert_allclose(measure(*wide, spacing, rules), found)
    assert np.isnan(found[0]) or 0 <= found[0] <= 1


def test_averages_leave_out_what_is_undefined():
    nan = float("nan")
    dice = np.array([[1.0, 0.5], [0.0, nan], [nan, nan]])
    table = np.stack([dice, np.full_like(dice, nan), dice], axis=-1)
    by_class, by_case = (medical(table, [3, 8], one) for one in ("classes", "cases"))
    assert by_class["Dice"] == pytest.approx((0.5 + 0.5) / 2)
    assert by_case["Dice"] == pytest.approx((0.75 + 0.0) / 2)
    assert by_class["HD95"] is None
    assert by_class["labels"][3] == {
        "Dice": 0.5,
        "HD95": None,
        "NSD": 0.5,
        "cases": {"Dice": 2, "HD95": 0, "NSD": 2},
    }


def test_a_large_volume_takes_seconds():
    grid = np.ogrid[:256, :256, :256]
    truth, guess = (
        sum(((g - c) / r) ** 2 for g, r in zip(grid, (120, 110, 125), strict=True)) < 1
        for c in (128, 125)
    )
    blocks = np.random.default_rng(0).random((16, 16, 16)) < 0.1
    guess ^= np.kron(blocks, np.ones((16, 16, 16), bool))
    start = time.perf_counter()
    dice, hd95, _ = measure(truth, guess, (1.0, 1.0, 3.0), Rules())
    assert time.perf_counter() - start < 30  # 4 s on a machine of its own
    assert 0.8 < dice < 1
    assert hd95 > 5
