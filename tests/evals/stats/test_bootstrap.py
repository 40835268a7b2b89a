"""Intervals: what they hold, how often they hold the truth, and what they are paired on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from openseg_evals.stats.bootstrap import bootstrap
from openseg_evals.tally import UnitTally


def tally_of(values, score=None):
    def mean(rows):
        return {"mean": float(values[rows].mean())}

    return UnitTally([str(one) for one in range(len(values))], "x", score or mean, lambda: values)


def test_a_95_percent_interval_holds_the_truth_about_95_times_in_100():
    rng = np.random.default_rng(5)
    held = 0
    for trial in range(300):
        values = rng.exponential(2.0, size=80)  # its mean is 2
        low, high = bootstrap(tally_of(values), draws=200, seed=trial)["mean"]
        held += low <= 2.0 <= high
    # 3 standard errors around 0.95, with room for the percentile method's known shortfall
    assert 0.88 <= held / 300 <= 0.99


def test_its_width_is_that_of_the_normal_interval():
    values = np.random.default_rng(0).normal(10, 3, size=2000)
    low, high = bootstrap(tally_of(values), draws=2000)["mean"]
    margin = 1.96 * 3 / np.sqrt(2000)
    assert low == pytest.approx(values.mean() - margin, abs=0.1 * margin)
    assert high == pytest.approx(values.mean() + margin, abs=0.1 * margin)


def test_a_higher_level_is_wider():
    values = np.random.default_rng(0).random(50)
    narrow, wide = (bootstrap(tally_of(values), level=level)["mean"] for level in (0.5, 0.99))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_pipelines_are_resampled_alike():
    seen = [[], []]

    def remember(place):
        def score(rows):
            seen[place].append(rows.tolist())
            return {"x": 0.0}

        return score

    for place in (0, 1):
        bootstrap(tally_of(np.zeros(9), remember(place)), draws=20)
    assert seen[0] == seen[1]
    assert len({tuple(rows) for rows in seen[0]}) > 15
    first = bootstrap(tally_of(np.arange(9.0)), draws=20, seed=1)
    assert first != bootstrap(tally_of(np.arange(9.0)), draws=20, seed=2)


def test_every_number_has_an_interval_and_what_is_not_defined_is_passed_over():
    def score(rows):
        rare = float((rows == 0).mean()) if (rows == 0).any() else None
        return {
            "All": {"pq": float(rows.mean())},
            "IoU": [rare, float("nan")],
            "per_class": {7: -1.0, 8: 0.5},
            "name": "text",
        }

    found = bootstrap(tally_of(np.zeros(10), score), draws=300)
    assert found.keys() == {"All.pq", "IoU.0", "per_class.8"}
    assert found["per_class.8"] == (0.5, 0.5)
    assert found["IoU.0"][0] >= 0.1  # of the draws in which unit 0 occurs


def test_no_unit_gives_no_interval():
    assert bootstrap(tally_of(np.zeros(0))) == {}


@settings(max_examples=30, deadline=None, derandomize=True)
@given(arrays(np.float64, st.integers(1, 20), elements=st.floats(0, 1)))
def test_an_interval_of_a_mean_lies_within_the_values(values):
    low, high = bootstrap(tally_of(values), draws=30)["mean"]
    assert values.min() - 1e-12 <= low <= high <= values.max() + 1e-12
