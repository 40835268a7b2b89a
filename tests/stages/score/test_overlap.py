"""Regions by how well they are what was drawn."""

from __future__ import annotations

import torch

from openseg.stages.score.overlap import Overlap
from openseg.types import Scores
from tests.stages.values import masks_of, query_of

REGIONS = masks_of((0, 0, 4, 4), (0, 0, 4, 2), (6, 6, 8, 8))


def overlap(readings, quality, *names):
    values = Scores(torch.tensor(quality, dtype=torch.float32))
    stage = Overlap(Overlap.Config())
    [found] = stage.run([REGIONS], [readings], [values], [query_of(*names)]).similarity
    return found.values


def test_the_best_reading_counts_by_its_quality():
    found = overlap(masks_of((0, 0, 4, 4), (0, 0, 4, 2)), [0.9, 0.6], "cup", "hat")
    expected = torch.tensor([0.9, 0.6, 0.0])  # the second: half of the first, or all of the other
    torch.testing.assert_close(found, expected[:, None].repeat(1, 2))


def test_without_a_drawing_all_regions_are_alike():
    assert overlap(masks_of(), [], "cup").tolist() == [[0.0]] * 3
