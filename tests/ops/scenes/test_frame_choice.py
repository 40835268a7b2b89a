"""A standing camera gives one frame; chosen frames see the room."""

from __future__ import annotations

import torch

from openseg.ops.scenes import frame_choice, looking
from tests import scenes
from tests.contract.scene_values import _frames


def pose(x=0.0, degrees=0.0):
    turned = torch.eye(4)
    angle = torch.tensor(degrees).deg2rad()
    turned[0, 0] = turned[1, 1] = angle.cos()
    turned[0, 1], turned[1, 0] = -angle.sin(), angle.sin()
    turned[0, 3] = x
    return turned


def test_a_frame_is_kept_when_the_camera_has_moved_or_turned():
    poses = torch.stack([pose(), pose(0.1), pose(0.31), pose(0.31, 10), pose(0.31, 16), pose(0.7)])
    assert frame_choice.by_motion(poses, 0.3, 15) == [0, 2, 4, 5]
    assert frame_choice.by_motion(poses[:0], 0.3, 15) == []


def test_the_best_frame_comes_first_and_spare_ones_not_at_all():
    frames = _frames().take([0, 0, 1, 2])
    positions = torch.tensor(scenes.cloud(0.1), dtype=torch.float32)
    seen = [set(one.points.tolist()) for one in looking.looks(frames, positions, 0.05)]
    best = max(range(4), key=lambda row: len(seen[row]))
    assert frame_choice.by_coverage(frames, positions, 0.05, 1, 1) == [best]
    chosen = frame_choice.by_coverage(frames, positions, 0.05, 10, 1)
    assert len({0, 1} & set(chosen)) == 1
    assert set.union(*(seen[row] for row in chosen)) == set.union(*seen)
