"""Weak objects and repetitions go, and what stays says which rows it was."""

from __future__ import annotations

import torch

from openseg.stages.propose.distinct_objects import DistinctObjects
from openseg.types import Instances3D


def test_the_surer_of_two_alike_stays():
    masks = torch.zeros(4, 20, dtype=torch.bool)
    masks[0, :10] = masks[1, 1:10] = masks[2, 10:15] = masks[3, 15:] = True
    given = Instances3D.from_masks(masks, torch.tensor([0.5, 0.9, 0.6, 0.01]))
    found = DistinctObjects(DistinctObjects.Config()).run([given])
    assert found.rows[0].index.tolist() == [1, 2]
    assert found.instances[0].scores.tolist() == torch.tensor([0.9, 0.6]).tolist()
