"""U-Score by the paper's formulas, and percentiles of a zoo."""

from __future__ import annotations

import math

import numpy as np
import pytest

from openseg_evals.metrics.u_score import U_BENCH, Costs, Zoo, u_bench, u_score, zoo_percentiles

UNIT = Zoo((0.0, 1.0), (0.0, 1.0), (0.0, 1.0), (0.0, 1.0))


def test_components_join_by_harmonic_means():
    # a network at a half of the accuracy; at 0.75, 0.5 and 0.25 of what costs may be
    scores = u_score(0.5, Costs(math.exp(0.25), math.exp(0.5), 0.25), UNIT)
    efficiency = 3 / (1 / 0.75 + 1 / 0.5 + 1 / 0.25)
    assert scores["Eff"] == pytest.approx(efficiency)
    assert scores["U-Score"] == pytest.approx(100 * 2 / (1 / 0.5 + 1 / efficiency))


def test_out_of_range_is_clipped_and_never_nothing():
    best = u_score(2.0, Costs(0.1, 0.1, 9.0), UNIT)
    assert (best["Eff"], best["U-Score"]) == (1, 100)
    worst = u_score(-1.0, Costs(1e9, 1e9, 1e-9), UNIT)
    assert worst["U-Score"] == pytest.approx(5)


def test_a_zoo_where_all_are_alike_splits_better_from_worse():
    same = Zoo((0.6, 0.6), (1.0, 1.0), (1.0, 1.0), (30.0, 30.0))
    costs = Costs(1.0, 1.0, 40.0)
    assert u_score(0.7, costs, same)["U-Score"] > u_score(0.5, costs, same)["U-Score"]


def test_percentiles_of_a_zoo():
    # eleven networks: the 10th and 90th percentiles are the second and the tenth
    ious = np.linspace(0.5, 1.0, 11)
    costs = np.c_[2.0 ** np.arange(11), 3.0 ** np.arange(11), np.arange(11) + 1.0]
    zoo = zoo_percentiles(ious, costs)
    assert zoo.iou == pytest.approx((0.55, 0.95))
    assert zoo.log_params == pytest.approx((math.log(2), 9 * math.log(2)))
    assert zoo.log_gflops == pytest.approx((math.log(3), 9 * math.log(3)))
    assert zoo.fps == (2, 10)


def test_every_published_range_goes_up():
    assert len(U_BENCH) == 20
    for name in U_BENCH:
        assert all(low < high for low, high in u_bench(name))
