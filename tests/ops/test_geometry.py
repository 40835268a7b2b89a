"""Projection, its inverse and visibility, against exact geometry and SciPy's rotations."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.spatial.transform import Rotation

from openseg.ops import geometry
from openseg.types import Camera
from tests.scenes import POSES, SIZE, K, cloud, is_visible, render

small = st.floats(-3, 3, width=32)
vectors = arrays.arrays(np.float64, 3, elements=small)


def tensor(values):
    return torch.tensor(np.asarray(values), dtype=torch.float32)


def camera(pose=None, k=K, size=SIZE):
    return Camera(tensor(k), tensor(np.eye(4) if pose is None else pose), size)


@st.composite
def poses(draw):
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_rotvec(draw(vectors)).as_matrix()
    pose[:3, 3] = draw(vectors)
    return pose


@given(poses(), st.lists(st.tuples(small, small, st.floats(0.25, 8, width=32)), min_size=1))
def test_projection_is_that_of_the_pinhole_formula(pose, points):
    local = np.array(points, dtype=np.float64)
    world = local @ pose[:3, :3].T + pose[:3, 3]
    xy, depth = geometry.project(tensor(world), camera(pose))
    assert depth.numpy() == pytest.approx(local[:, 2], abs=2e-5)
    expected = 100 * local[:, :2] / local[:, 2:] + [63.5, 47.5]
    assert xy.numpy() == pytest.approx(expected, rel=1e-4, abs=2e-2)


@settings(deadline=None)
@given(poses(), st.integers(0, 1000), st.sampled_from([(5, 7), (3, 2), (16, 16)]))
def test_unprojected_pixels_project_back_onto_themselves(pose, seed, size):
    random = torch.Generator().manual_seed(seed)
    depth = 0.2 + 5 * torch.rand(size, generator=random)
    depth[torch.rand(size, generator=random) < 0.3] = 0
    cam = camera(pose, np.array([[4.0, 0, 2], [0, 5, 1], [0, 0, 1]]), size)
    points, pixels = geometry.unproject(depth, cam)
    assert len(points) == int((depth > 0).sum())
    found = geometry.in_picture(points, cam)
    assert found.points.tolist() == list(range(len(points)))
    assert found.pixels.tolist() == pixels.tolist()
    torch.testing.assert_close(found.depth, depth.reshape(-1)[pixels], atol=1e-4, rtol=1e-4)
    assert len(geometry.seen(points, cam, depth, tolerance=1e-3).points) == len(points)


@given(vectors)
def test_axis_and_angle_give_scipys_rotation(vector):
    expected = Rotation.from_rotvec(vector).as_matrix()
    assert geometry.rotation_from_axis_angle(torch.from_numpy(vector)).numpy() == pytest.approx(
        expected, abs=1e-12
    )


@given(arrays.arrays(np.float64, (3, 4), elements=small))
def test_quaternions_give_scipys_rotation(quaternions):
    assume((np.linalg.norm(quaternions, axis=1) > 1e-3).all())
    expected = Rotation.from_quat(quaternions).as_matrix()
    found = geometry.rotation_from_quaternion(torch.from_numpy(quaternions))
    assert found.numpy() == pytest.approx(expected, abs=1e-9)


@given(poses())
def test_a_pose_times_its_inverse_is_nothing(pose):
    inverse = geometry.invert_pose(torch.from_numpy(pose)[None])[0].numpy()
    assert inverse @ pose == pytest.approx(np.eye(4), abs=1e-12)


@pytest.mark.parametrize("pose", POSES)
def test_a_depth_map_becomes_points_on_the_rooms_surfaces(pose):
    depth, _ = render(pose)
    points, pixels = geometry.unproject(tensor(depth), camera(pose))
    assert pixels.tolist() == list(range(SIZE[0] * SIZE[1]))
    planes = np.array([[0, 4, 1.6, 2.3], [0, 3, 1.2, 1.9], [0, 2.5, 0, 0.9]])
    away = np.abs(points.double().numpy()[:, :, None] - planes)
    assert away.min(axis=(1, 2)).max() < 1e-5


@pytest.mark.parametrize("pose", POSES)
def test_visible_points_are_those_nothing_stands_before(pose):
    points, cam = cloud(), Camera(tensor(K), tensor(pose), SIZE).scaled((480, 640))
    depth, _ = render(pose, cam.k.double().numpy(), cam.size)
    found = geometry.seen(tensor(points), cam, tensor(depth), tolerance=0.02)
    inside = geometry.in_picture(tensor(points), cam).points.numpy()
    seen = np.zeros(len(points), dtype=bool)
    seen[found.points.numpy()] = True
    assert (seen == is_visible(points, pose))[inside].mean() > 0.99
    assert not np.delete(seen, inside).any()
    # What is seen was measured where it is seen.
    measured = depth.reshape(-1)[found.pixels.numpy()]
    assert np.abs(measured - found.depth.numpy()).max() <= 0.02


def test_points_at_the_edges_of_a_picture_fall_into_its_outer_pixels():
    cam = camera(k=np.eye(3), size=(2, 3))
    edge = 0.49999
    corners = [(-edge, -edge, 1), (2 + edge, -edge, 1), (2 + edge, 1 + edge, 1), (0.2, 0.9, 1)]
    outside = [(-0.51, 0, 1), (2.51, 0, 1), (0, 1.51, 1), (0, 0, -1), (0, 0, 0), (np.nan, 0, 1)]
    found = geometry.in_picture(tensor(corners + outside), cam)
    assert found.points.tolist() == [0, 1, 2, 3]
    assert found.pixels.tolist() == [0, 2, 5, 3]


def test_nothing_is_seen_where_nothing_was_measured():
    cam = camera(k=np.eye(3), size=(1, 2))
    depth = tensor([[0.0, 0.04]])
    found = geometry.seen(tensor([(0, 0, 0.01), (0.03, 0, 0.03)]), cam, depth, tolerance=0.05)
    assert found.points.tolist() == [1]


@pytest.mark.parametrize("block", [1, 7, 10**6])
def test_blocks_change_no_more_than_the_last_bits(block):
    """A matrix product of another width may be summed in another order, on some processors."""
    points, depth = tensor(cloud(0.2)), tensor(render(POSES[0])[0])
    whole = geometry.seen(points, camera(POSES[0]), depth, 0.05)
    parts = geometry.seen(points, camera(POSES[0]), depth, 0.05, block)
    assert torch.equal(whole.points, parts.points)
    assert torch.equal(whole.pixels, parts.pixels)
    torch.testing.assert_close(whole.depth, parts.depth, rtol=1e-6, atol=0)


def test_no_points_are_no_fault():
    found = geometry.seen(torch.zeros(0, 3), camera(), torch.ones(SIZE), 0.05)
    assert [len(column) for column in found] == [0, 0, 0]
