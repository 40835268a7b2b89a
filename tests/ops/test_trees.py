"""The best projective tree, against trying all trees."""

from __future__ import annotations

import itertools
import time

import pytest
import torch

from openseg.ops.trees import projective_heads


def projective_trees(n: int):
    """All ways to give n words heads, -1 for the one root, so that subtrees are runs of words."""
    for heads in itertools.product(range(-1, n), repeat=n):
        above = [_path(i, heads) for i in range(n)]
        if heads.count(-1) != 1 or None in above:
            continue
        spans = [[k for k in range(n) if i in above[k]] for i in range(n)]
        if all(span[-1] - span[0] + 1 == len(span) for span in spans):
            yield heads


def _path(i, heads):
    path = []
    while i >= 0:
        if i in path:
            return None
        path.append(i)
        i = heads[i]
    return path


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_no_tree_has_a_larger_sum(n):
    trees = list(projective_trees(n))
    for seed in range(20):
        scores = torch.randn(n, n + 1, generator=torch.Generator().manual_seed(seed))
        best = max(trees, key=lambda t: sum(float(scores[i, h + 1]) for i, h in enumerate(t)))
        assert projective_heads(scores) == list(best)


def test_crossing_arcs_are_not_given_however_well_they_score():
    scores = torch.zeros(4, 5)
    scores[0, 3] = scores[1, 4] = 10  # 0 under 2 and 1 under 3 would cross
    scores[2, 0] = 5
    heads = projective_heads(scores)
    assert not (heads[0] == 2 and heads[1] == 3)


def test_a_long_phrase_takes_no_minutes():
    start = time.monotonic()
    assert len(projective_heads(torch.randn(256, 257))) == 256
    assert time.monotonic() - start < 20
