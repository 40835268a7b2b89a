"""A thinned cloud is small enough, not much smaller, and has points everywhere."""

from __future__ import annotations

import torch

from openseg.ops.scenes import surface, thinning
from openseg.stages.lift.thin_cloud import ThinCloud
from openseg.stages.lift.transfer import Transfer
from openseg.types import Instances3D, PointCloud
from tests import scenes
from tests.contract.scene_values import VIEWS, _frames

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


def test_points_lie_as_far_apart_as_asked():
    for spacing in (0.1, 0.2):
        rows = thinning.thin(POSITIONS, len(POSITIONS), spacing=spacing)
        cubes = ((POSITIONS[rows] - POSITIONS.amin(dim=0)) / spacing).long()
        assert len(cubes.unique(dim=0)) == len(rows)  # no two in one cube, and each has its point
        everywhere = ((POSITIONS - POSITIONS.amin(dim=0)) / spacing).long()
        assert len(everywhere.unique(dim=0)) == len(rows)
    assert len(thinning.thin(POSITIONS, 100, spacing=0.1)) <= 100
    assert len(thinning.thin(POSITIONS[:0], 5, spacing=0.1)) == 0


def test_points_that_must_stay_do():
    kept = torch.arange(100, 140)
    rows = thinning.thin(POSITIONS, 500, kept)
    assert torch.isin(kept, rows).all()
    assert len(rows) <= 540
    assert (rows.diff() > 0).all()


def test_a_scene_of_many_frames_keeps_fewer_points():
    cloud = PointCloud(POSITIONS, torch.zeros(len(POSITIONS), 3, dtype=torch.uint8))
    stage = ThinCloud(ThinCloud.Config(max_sightings=3000))
    [alone] = stage.run([cloud]).cloud
    [seen] = stage.run([cloud], [_frames()]).cloud
    assert len(alone) == len(cloud)
    assert 300 < len(seen) <= 3000 / VIEWS


def test_labelled_points_stay_in_a_thinned_scene():
    cloud = PointCloud(POSITIONS, torch.zeros(len(POSITIONS), 3, dtype=torch.uint8))
    masks = torch.zeros(2, len(POSITIONS), dtype=torch.bool)
    masks[0, 11:14] = masks[1, 900:903] = True
    labels = Instances3D.from_masks(masks, torch.ones(2))
    stage = ThinCloud(ThinCloud.Config(max_points=200))
    few = stage.run([cloud], None, [labels]).cloud
    carried = Transfer(Transfer.Config(neighbours=1)).run([cloud], [labels], few).instances[0]
    for row in range(2):
        there = few[0].positions[carried.of(row)]
        assert torch.equal(there, POSITIONS[labels.of(row)])
