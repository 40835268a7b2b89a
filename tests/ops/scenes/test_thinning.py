"""A thinned cloud is small enough, not much smaller, and has points everywhere."""

from __future__ import annotations

import torch

from openseg.ops.scenes import surface, thinning
from tests import scenes

POSITIONS = torch.tensor(scenes.cloud(0.04), dtype=torch.float32)


def test_few_enough_points_that_are_everywhere():
    for most in (10, 1000, 5000):
        rows = thinning.thin(POSITIONS, most)
        assert 0.3 * most < len(rows) <= most
        assert (rows.diff() > 0).all()
    gap = 0.25  # a cube's diagonal at 5000 points on 50 square metres
    assert (surface.nearest(POSITIONS[rows], POSITIONS, 1, gap) >= 0).all()


def test_small_clouds_are_left_as_they_are():
    assert len(thinning.thin(POSITIONS, len(POSITIONS))) == len(POSITIONS)
    assert len(thinning.thin(POSITIONS[:0], 5)) == 0
    same = POSITIONS[:1].repeat(7, 1)
    assert thinning.thin(same, 3).tolist() == [0]
