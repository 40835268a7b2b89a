"""The median ratio and its interval; levels are from tables of the binomial distribution."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openseg_evals.bench.ratios import ratio


def test_the_ratio_is_of_pairs_not_of_medians():
    # A machine that becomes ten times slower in the middle does not change the ratio.
    found = ratio([2.0, 2.0, 20.0, 20.0, 2.0], [1.0, 1.0, 10.0, 10.0, 1.0])
    assert found[:3] == (2.0, 2.0, 2.0)


@pytest.mark.parametrize(
    ("count", "low", "high", "level"),
    [
        (1, 1, 1, 0.0),
        (5, 1, 5, 0.9375),
        (6, 1, 6, 0.96875),
        (9, 2, 8, 0.9609375),
        (20, 6, 15, 0.9586),
    ],
)
def test_the_interval_of_a_median_by_ranks(count, low, high, level):
    found = ratio([float(one) for one in range(1, count + 1)], [1.0] * count)
    assert (found.low, found.high) == (low, high)
    assert found.level == pytest.approx(level, abs=1e-4)


@given(st.lists(st.floats(0.01, 100), min_size=1, max_size=30))
def test_the_median_lies_in_its_interval(values):
    found = ratio(values, [1.0] * len(values))
    assert found.low <= found.median <= found.high


def test_values_without_partner_are_refused():
    with pytest.raises(ValueError, match="shorter"):
        ratio([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="no pair"):
        ratio([], [])
