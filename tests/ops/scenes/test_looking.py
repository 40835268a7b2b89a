"""What frames see of a room that is known exactly, with and without depth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from openseg.ops.scenes import looking, sights
from openseg.types import Instances3D
from tests import scenes
from tests.contract.scene_values import VIEWS, _frames

POINTS = scenes.cloud(0.1)
POSITIONS = torch.tensor(POINTS, dtype=torch.float32)


def truly_visible(view):
    return scenes.is_visible(POINTS, scenes.POSES[view])


@pytest.mark.parametrize("view", range(VIEWS))
def test_a_frame_sees_what_stands_in_nobodys_way(view):
    found = looking.look(_frames()[view], POSITIONS, 0.05).points.numpy()
    assert len(found) > 200
    assert truly_visible(view)[found].mean() > 0.97


@pytest.mark.parametrize("view", range(VIEWS))
def test_without_depth_points_hide_each_other(view):
    frames = replace(_frames(), depth=(None,) * VIEWS)
    with_depth = looking.look(_frames()[view], POSITIONS, 0.05).points.numpy()
    found = looking.look(frames[view], POSITIONS, 0.3).points.numpy()
    assert truly_visible(view)[found].mean() > 0.8
    assert np.isin(with_depth, found).mean() > 0.9


def test_pixels_are_those_of_the_colour_picture():
    half = _frames()
    twice = replace(
        half,
        color_size=((96, 128),) * VIEWS,
        color_k=torch.tensor(scenes.K, dtype=torch.float32).repeat(VIEWS, 1, 1),
    )
    small, large = (looking.look(frames[0], POSITIONS, 0.05) for frames in (half, twice))
    same = torch.isin(small.points, large.points)
    row, column = small.pixels[same] // 64, small.pixels[same] % 64
    in_large = large.pixels[torch.isin(large.points, small.points)]
    assert large.size == (96, 128)
    assert ((in_large // 128 / 2 - row).abs() <= 1).all()
    assert ((in_large % 128 / 2 - column).abs() <= 1).all()


def test_objects_are_counted_and_boxed_as_by_a_loop():
    random = torch.Generator().manual_seed(0)
    masks = torch.rand(4, len(POSITIONS), generator=random) < 0.05
    masks[2] = False
    objects = Instances3D.from_masks(masks, torch.zeros(4))
    found = sights.instance_views(looking.looks(_frames(), POSITIONS, 0.05), objects, VIEWS)
    for one in looking.looks(_frames(), POSITIONS, 0.05):
        for row, mask in enumerate(masks):
            pixels = one.pixels[mask[one.points]]
            x, y = pixels % 64, pixels // 64
            box = [x.min(), y.min(), x.max() + 1, y.max() + 1] if len(pixels) else [0] * 4
            assert int(found.visible[row, one.view]) == len(pixels)
            assert found.boxes[row, one.view].tolist() == [float(edge) for edge in box]


def test_evidence_is_the_views_that_show_most():
    visible = torch.tensor([[3, 0, 9], [0, 0, 0]])
    boxes = torch.arange(24.0).reshape(2, 3, 4)
    found = looking.evidence(looking.InstanceViews(visible, boxes), ("a", "b", "c"), 2)
    assert found.instances.tolist() == [0, 0]
    assert found.views.tolist() == [2, 0]
    assert found.weights.tolist() == pytest.approx([0.75, 0.25])
    assert found.boxes[0].tolist() == [8, 9, 10, 11]


def test_a_bit_for_each_point_and_view_tells_what_looks_tell(monkeypatch):
    random = torch.Generator().manual_seed(2)
    masks = torch.rand(5, len(POSITIONS), generator=random) < 0.1
    masks[3] = False
    objects = Instances3D.from_masks(masks, torch.zeros(5))
    asked = torch.tensor([[1, 1, 1], [0, 1, 0], [0, 0, 0], [1, 0, 0], [1, 0, 1]]).bool()
    looks = list(looking.looks(_frames(), POSITIONS, 0.05))
    sees = torch.zeros(VIEWS, len(POSITIONS), dtype=torch.bool)
    for one in looks:
        sees[one.view, one.points] = True
    for table in (1, looking.TABLE):
        monkeypatch.setattr(looking, "TABLE", table)
        seen = looking.Seen(looks, len(POSITIONS), VIEWS)
        expected = [[int((mask & view).sum()) for view in sees] for mask in masks]
        assert seen.counts(objects).tolist() == expected
        many = [
            int((sees[:, point] & asked[row]).sum())
            for row in range(5)
            for point in objects.of(row).tolist()
        ]
        assert seen.among(objects, asked).tolist() == many
