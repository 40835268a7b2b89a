"""Objects found on one cloud arrive on another, as far as its points are near."""

from __future__ import annotations

import torch

from openseg.stages.lift.transfer import Transfer
from openseg.types import Instances3D, PointCloud


def cloud(positions):
    return PointCloud(positions, torch.zeros(len(positions), 3, dtype=torch.uint8))


def line(count, end):
    positions = torch.zeros(count, 3)
    positions[:, 0] = torch.linspace(0, end, count)
    return positions


def carry(masks, source, target, **settings):
    objects = Instances3D.from_masks(masks, torch.ones(len(masks)))
    stage = Transfer(Transfer.Config(**settings))
    return stage.run([cloud(source)], [objects], [cloud(target)]).instances[0]


def test_halves_of_a_line_stay_halves():
    source, target = line(101, 1.0), line(41, 1.0)
    masks = torch.stack([source[:, 0] < 0.5, source[:, 0] >= 0.5, source[:, 0] < 0])
    found = carry(masks, source, target)
    assert torch.equal(found.masks()[0], target[:, 0] < 0.5)
    assert torch.equal(found.masks()[1], target[:, 0] >= 0.5)
    assert found.sizes[2] == 0


def test_a_cloud_carried_onto_itself_changes_nothing():
    points = torch.rand(60, 3, generator=torch.Generator().manual_seed(0))
    masks = torch.rand(3, 60, generator=torch.Generator().manual_seed(1)) < 0.4
    assert torch.equal(carry(masks, points, points).masks(), masks)
    assert torch.equal(carry(masks, points, points + 1e-4, neighbours=1).masks(), masks)


def test_points_far_from_all_others_belong_to_nothing():
    source = line(11, 1.0)
    target = torch.cat([source, source + 5])
    found = carry(torch.ones(1, 11, dtype=torch.bool), source, target)
    assert found.of(0).tolist() == list(range(11))
