"""A fused cloud lies on the walls that were measured, once, in their colours, facing inwards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from openseg.ops.scenes import fusion
from tests import scenes
from tests.contract.scene_values import VIEWS, _frames


def off_surface(points):
    """Distance of each point to the nearest wall of the room or side of the box."""
    near = []
    for box in (scenes.ROOM, scenes.BOX):
        within = ((points > box[0] - 0.02) & (points < box[1] + 0.02)).all(axis=1)
        apart = np.abs(points[:, None] - box[None]).reshape(len(points), -1).min(axis=1)
        near.append(np.where(within, apart, np.inf))
    return np.min(near, axis=0)


def test_points_lie_on_what_was_measured_in_its_colours():
    cloud = fusion.fuse(_frames(), 0.05, 10.0)
    points = cloud.positions.numpy().astype(np.float64)
    assert len(points) > 2000
    assert np.quantile(off_surface(points), 0.97) < 0.01
    wrong = np.abs(cloud.colors.numpy().astype(int) - scenes.texture(points)).max(axis=1)
    assert np.quantile(wrong, 0.95) <= 6


def test_each_cube_has_one_point_however_many_frames_saw_it():
    # A length that no wall is a multiple of, or rounding would put walls into two cubes.
    cubes = np.floor(fusion.fuse(_frames(), 0.047, 10.0).positions.numpy() / 0.047)
    assert len(np.unique(cubes, axis=0)) >= 0.98 * len(cubes)
    once, twice = (fusion.fuse(_frames().take(rows), 0.05, 10.0) for rows in ([0], [0, 0]))
    assert torch.allclose(once.positions, twice.positions, atol=1e-5)
    both = fusion.fuse(_frames(), 0.05, 10.0, min_frames=2)
    assert 0 < len(both) < len(fusion.fuse(_frames(), 0.05, 10.0))


def test_normals_face_the_inside_of_the_room():
    cloud = fusion.fuse(_frames(), 0.05, 10.0)
    points = cloud.positions.numpy()
    floor = (points[:, 2] < 0.01) & (points[:, 0] > 0.1) & (points[:, 0] < 1.5)
    assert floor.sum() > 50
    assert (cloud.normals[torch.tensor(floor), 2] > 0.95).float().mean() > 0.9


def test_far_measurements_and_frames_without_depth_add_nothing():
    frames = replace(_frames(), depth=(None,) * VIEWS)
    assert len(fusion.fuse(frames, 0.05, 10.0)) == 0
    eye = torch.tensor(scenes.EYES[0], dtype=torch.float32)
    near = fusion.fuse(_frames().take([0]), 0.05, 2.0).positions
    corner = np.sqrt(1 + 0.64**2 + 0.48**2)  # how much longer a ray to a corner is than its depth
    assert 1.5 < float((near - eye).norm(dim=1).max()) < 2.0 * corner


def test_frames_that_wait_for_each_other_give_the_same_cloud(monkeypatch):
    together = fusion.fuse(_frames(), 0.05, 10.0)
    monkeypatch.setattr(fusion, "WAITING", 0)
    alone = fusion.fuse(_frames(), 0.05, 10.0)
    assert torch.allclose(alone.positions, together.positions, atol=1e-6)
    assert torch.equal(alone.colors, together.colors)
