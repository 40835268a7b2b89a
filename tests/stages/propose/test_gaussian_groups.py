"""Masks that know no classes and no other view become objects of the room: the crate is one.

Masks are those of the room that is known exactly, so what the groups should be is known too.
"""

from __future__ import annotations

from math import cos, pi, sin

import numpy as np
import pytest
import torch

from openseg.stages.propose.gaussian_groups import GaussianGroups
from openseg.types import Frames, PointCloud, ViewMasks, ViewRegions
from tests import scenes
from tests.contract.scene_values import SIZE, K

POINTS = scenes.cloud(0.07)
ON_BOX = ((scenes.BOX[0] - 1e-6 < POINTS) & (scenes.BOX[1] + 1e-6 > POINTS)).all(axis=1) & (
    POINTS[:, 2] > 0.01
)
VIEWS = 10
AROUND = [2 * pi * view / VIEWS for view in range(VIEWS)]
POSES = [
    scenes.look_at((1.95 + 1.2 * cos(at), 1.55 + 1.2 * sin(at), 1.6), (1.95, 1.55, 0.45))
    for at in AROUND
]
SEEN = sum(scenes.is_visible(POINTS, pose) for pose in POSES) > 0


def frames():
    """Cameras all around the crate; their pictures are never read."""
    nothing = ("",) * VIEWS
    k = torch.tensor(K, dtype=torch.float32).repeat(VIEWS, 1, 1)
    return Frames(
        names=tuple(f"frame {view}" for view in range(VIEWS)),
        poses=torch.tensor(np.array(POSES), dtype=torch.float32),
        color=nothing,
        color_k=k,
        color_size=(SIZE,) * VIEWS,
        depth=(None,) * VIEWS,
        depth_k=k,
        depth_size=(SIZE,) * VIEWS,
        depth_scale=1.0,
    )


def everything():
    """In each view the crate, and everything else; rows of the crate are even."""
    shown = [torch.tensor(scenes.shows_box(pose, K, SIZE)) for pose in POSES]
    packed = ViewMasks.from_masks(torch.stack([one for box in shown for one in (box, ~box)]))
    views = torch.arange(VIEWS).repeat_interleave(2)
    return ViewRegions(views, packed.boxes.float(), torch.ones(len(views))), packed


@pytest.fixture(scope="module")
def cloud():
    positions = torch.tensor(POINTS, dtype=torch.float32)
    return PointCloud(positions, torch.tensor(scenes.texture(POINTS)))


@pytest.fixture(scope="module")
def found(cloud):
    stage = GaussianGroups(GaussianGroups.Config(longest_side=64, pixels=400))
    regions, masks = everything()
    return stage.run([frames()], [cloud], [regions], [masks]).instances[0]


def overlap(rows):
    mine = torch.zeros(len(POINTS), dtype=torch.bool)
    mine[rows] = True
    true, asked = torch.tensor(ON_BOX), torch.tensor(SEEN)
    return float((mine & true & asked).sum() / ((mine | true) & asked).sum())


def best(found):
    return max(range(len(found)), key=lambda row: overlap(found.of(row)))


def test_what_shares_a_mask_in_every_view_is_one_object(found):
    assert len(found) >= 2  # the crate, and the room around it
    assert overlap(found.of(best(found))) > 0.7


def test_objects_share_no_points_and_the_surest_is_first(found):
    assert len(torch.unique(found.points)) == len(found.points)
    assert (found.scores.diff() <= 0).all()


def test_an_object_knows_the_masks_that_it_was_seen_in(found):
    rows = found.evidence.of(best(found))
    views = found.evidence.views[rows]
    assert sorted(views.tolist()) == list(range(VIEWS))
    assert torch.equal(found.evidence.regions[rows], 2 * views)
    assert float(found.evidence.weights[rows].min()) > 0.5
    score = float(found.scores[best(found)])
    assert score == pytest.approx(float(found.evidence.weights[rows].mean()), abs=1e-5)


def test_parts_with_empty_space_between_them_are_objects_of_their_own(cloud):
    # The floor and the ceiling share every mask and touch only by walls, which are not there.
    flat = torch.tensor((POINTS[:, 2] < 1e-6) | (POINTS[:, 2] > 2.49))
    level = PointCloud(cloud.positions[flat], cloud.colors[flat])
    regions, masks = everything()
    stage = GaussianGroups(GaussianGroups.Config(longest_side=64, pixels=400, min_overlap=0.0))
    parts = stage.run([frames()], [level], [regions], [masks]).instances[0]
    assert len(parts)
    for row in range(len(parts)):
        assert float(level.positions[parts.of(row)][:, 2].std()) < 0.01
