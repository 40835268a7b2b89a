"""The tree joins what is most alike first, small groups before large ones if asked to."""

from __future__ import annotations

import numpy as np

from openseg.ops.scenes import merge_tree


def tree(unlike, areas, power=0.0):
    """A row of pieces, each touching the next."""
    pairs = np.array([[i, i + 1] for i in range(len(unlike))])
    touching = merge_tree.Borders(pairs, np.array(unlike), np.ones(len(unlike)))
    parents = merge_tree.grow(touching, np.array(areas), power)
    return [sorted(one) for one in merge_tree.members(parents, len(areas))[len(areas) :]]


def test_the_most_alike_are_joined_first():
    groups = tree([0.3, 0.1, 0.2], [1.0, 1, 1, 1])
    assert groups == [[1, 2], [1, 2, 3], [0, 1, 2, 3]]


def test_small_groups_are_joined_sooner_if_size_counts():
    areas = [100.0, 100, 1, 1]
    assert tree([0.1, 0.3, 0.2], areas)[0] == [0, 1]
    assert tree([0.1, 0.3, 0.2], areas, 1.0)[0] == [2, 3]


def test_borders_are_means_over_the_pairs_that_touch():
    piece = np.array([0, 0, 1, 1])
    pairs = np.array([[0, 1], [1, 2], [3, 0]])
    found = merge_tree.borders(piece, pairs, np.array([9.0, 0.2, 0.4]), 2)
    assert found.pairs.tolist() == [[0, 1]]
    assert found.unlike.tolist() == [0.30000000000000004]
    assert found.length.tolist() == [2]


def test_groups_that_nearly_repeat_a_better_one_are_dropped():
    groups, sizes = [[0], [0, 1], [2], [0, 1]], np.array([90, 10, 50])
    kept = merge_tree.distinct(groups, np.array([0.2, 0.5, 0.1, 0.4]), sizes, 0.8)
    assert kept == [1, 2]
