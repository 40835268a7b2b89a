"""Holm's correction against cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openseg_evals.stats.holm import holm


@pytest.mark.parametrize(
    ("values", "corrected"),
    [
        # 4 x 0.01, 3 x 0.02, 2 x 0.03, then 1 x 0.04 raised to the 0.06 before it
        ([0.04, 0.01, 0.03, 0.02], [0.06, 0.04, 0.06, 0.06]),
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.6, 0.4], [0.8, 0.8]),
        ([0.9, 0.8], [1.0, 1.0]),
        ([0.2], [0.2]),
        ([], []),
    ],
)
def test_by_hand(values, corrected):
    assert holm(values) == pytest.approx(corrected)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_it_only_raises_keeps_the_order_and_stays_below_bonferroni(values):
    corrected = np.array(holm(values))
    values = np.array(values)
    assert (corrected >= values).all()
    assert (corrected <= np.minimum(1, len(values) * values)).all()
    assert (np.diff(corrected[np.argsort(values, kind="stable")]) >= 0).all()


def test_the_chance_of_any_false_finding_stays_below_the_level():
    rng = np.random.default_rng(4)
    families = rng.random((4000, 6))
    wrong = np.mean([min(holm(list(family))) <= 0.05 for family in families])
    plain = np.mean(families.min(axis=1) <= 0.05)
    assert wrong <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 4000)
    assert plain > 0.2
