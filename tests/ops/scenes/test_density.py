"""Clusters by density, against scikit-learn's HDBSCAN, and parts of clusters that lie apart."""

from __future__ import annotations

import numpy as np
import pytest

from openseg.ops.scenes.density import NOISE, cluster, parts


def crowd():
    """Six balls of different sizes and densities, and points all over the place."""
    random = np.random.default_rng(7)
    centres = random.uniform(-4, 4, (6, 3))
    counts, widths = (30, 50, 80, 120, 40, 60), (0.1, 0.2, 0.3, 0.15, 0.5, 0.05)
    balls = [
        c + random.normal(size=(n, 3)) * s for c, n, s in zip(centres, counts, widths, strict=True)
    ]
    return np.concatenate([*balls, random.uniform(-5, 5, (60, 3))])


# Sizes from scikit-learn 1.7.2, HDBSCAN(min_cluster_size, cluster_selection_epsilon). Points at
# equal distances may fall either way, hence the tolerance of one.
@pytest.mark.parametrize(
    ("min_size", "epsilon", "sizes"),
    [
        (10, 0.0, [30, 40, 50, 60, 80, 122]),
        (10, 0.01, [30, 40, 50, 60, 80, 122]),
        (5, 0.0, [5, 30, 42, 50, 60, 80, 122]),
        (25, 0.0, [30, 35, 50, 60, 80, 122]),
        (10, 1.0, [40, 50, 80, 95, 122]),
        (10, 2.2, [80, 95, 220]),
        (10, 3.0, [95, 304]),
    ],
)
def test_clusters_are_those_of_scikit_learn(min_size, epsilon, sizes):
    labels = cluster(crowd(), min_size, epsilon)
    found = np.sort(np.bincount(labels[labels >= 0]))
    assert len(found) == len(sizes)
    assert np.abs(found - sizes).max() <= 1


def test_clusters_are_numbered_by_their_first_points():
    labels = cluster(crowd(), 10)
    firsts = [int((labels == one).argmax()) for one in range(labels.max() + 1)]
    assert firsts == sorted(firsts)


def test_equal_points_are_a_cluster():
    points = np.repeat([[0.0, 0.0], [1.0, 0.0], [5.0, 5.0]], [20, 30, 25], axis=0)
    labels = cluster(points, 5)
    assert labels.tolist() == [0] * 20 + [1] * 30 + [2] * 25


@pytest.mark.parametrize("count", [0, 1, 9])
def test_too_few_points_are_noise(count):
    assert cluster(np.zeros((count, 3)), 5).tolist() == [NOISE] * count


def test_parts_of_a_cluster_that_lie_apart_are_told_apart():
    places = np.array([[0, 0, 0], [0.2, 0, 0], [2, 0, 0], [0.1, 0, 0], [0, 0, 0.2], [2.1, 0, 0]])
    found = parts(places, np.array([0, 0, 0, 1, NOISE, 0]), gap=0.3)
    assert found[4] == NOISE
    groups = [set(np.flatnonzero(found == one).tolist()) for one in sorted({*found} - {NOISE})]
    assert sorted(groups, key=min) == [{0, 1}, {2, 5}, {3}]


def test_nothing_has_no_parts():
    assert parts(np.zeros((0, 3)), np.zeros(0, dtype=np.int64), 0.3).shape == (0,)
    assert parts(np.zeros((2, 3)), np.full(2, NOISE), 0.3).tolist() == [NOISE, NOISE]
