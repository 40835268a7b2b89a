"""The sign-flip test: exact small cases, its behaviour without a difference, and with one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openseg_evals.stats.permutation import sign_flip_test


def enumerated(differences):
    """The p-value by its definition, a pattern at a time."""
    observed = abs(sum(differences))
    sums = [
        abs(sum(sign * one for sign, one in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    return sum(one >= observed for one in sums) / len(sums)


def flip(differences, **options):
    values = np.array(differences, dtype=float)
    return sign_flip_test(values, np.zeros(len(values)), **options)


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([1, 1, 1, 1, 1], 2 / 32),
        ([5], 1.0),
        ([3, -3], 1.0),
        ([1, 2, 3], 2 / 8),
        ([-1, 2, 3], 4 / 8),  # |4|: ---, +++, and the two observed ones
        ([0, 0, 1, 1], 2 / 4),  # a tie moves nothing
        ([0, 0], 1.0),
    ],
)
def test_small_cases_by_hand(differences, p):
    result = flip(differences)
    assert result.p == pytest.approx(p)
    assert result.difference == pytest.approx(np.mean(differences))
    assert result.n == len(differences)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.integers(-8, 8), min_size=1, max_size=8))
def test_few_pairs_are_enumerated(differences):
    assert flip(differences).p == pytest.approx(enumerated(differences))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=30), st.integers(0, 5))
def test_swapping_the_pipelines_changes_the_sign_only(values, seed):
    first, second = np.array(values), np.roll(values, 1)
    there, back = (
        sign_flip_test(*pair, draws=64, seed=seed) for pair in ((first, second), (second, first))
    )
    assert there.difference == -back.difference
    assert there.p == back.p
    assert 0 < there.p <= 1


def test_tenths_that_do_not_add_up_in_binary_are_still_ties():
    differences = [0.1, 0.2, -0.3, 0.3, 0.1]
    assert flip(differences).p == enumerated([1, 2, -3, 3, 1])


def test_units_that_say_nothing_are_left_out():
    nothing = float("nan")
    result = sign_flip_test(np.array([0.5, nothing, 0.9, 0.3]), np.array([0.1, 0.2, nothing, 0.1]))
    assert result == (pytest.approx(0.3), 0.5, 2)
    empty = sign_flip_test(np.array([nothing]), np.array([1.0]))
    assert (empty.p, empty.n, np.isnan(empty.difference)) == (1.0, 0, True)


def test_many_pairs_are_drawn_and_never_give_zero():
    result = flip(np.ones(100))
    assert result.p == 1 / 10_001
    assert flip(np.ones(100), draws=999).p == 1 / 1000


def test_drawn_patterns_agree_with_all_of_them():
    differences = np.random.default_rng(3).normal(0.3, 1, size=12)
    exact, drawn = flip(differences), flip(differences, draws=4000)
    assert drawn.p != exact.p
    assert drawn.p == pytest.approx(exact.p, abs=4 * np.sqrt(exact.p / 4000))


def test_without_a_difference_p_is_uniform():
    rng = np.random.default_rng(1)
    values = np.array([flip(rng.normal(size=25), draws=199, seed=i).p for i in range(1000)])
    for level in (0.05, 0.1, 0.25, 0.5, 0.75):
        error = np.sqrt(level * (1 - level) / 1000)
        assert (values <= level).mean() == pytest.approx(level, abs=3.5 * error)


def test_a_real_difference_is_found():
    rng = np.random.default_rng(2)
    first = rng.random(300)
    assert sign_flip_test(first + 0.05 + rng.normal(0, 0.1, 300), first).p < 0.001
