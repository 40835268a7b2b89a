"""What is estimated to be visible is visible."""

import numpy as np
import pytest

from openseg.mini.world.mesh import box
from openseg.mini.world.scene import Camera
from openseg.mini.world.visibility import estimate, surface_points

CAMERA = Camera(position=(10.0, 0.0, 0.5), target=(0.0, 0.0, 0.5), fov=20.0)


def cloud(mesh):
    return surface_points(mesh, 4000, np.random.default_rng(0))


def test_surface_points_lie_on_the_surface_in_proportion_to_area():
    points = cloud(box(2, 2, 0.5))
    on_face = np.isclose(np.abs(points[:, :2]), 1).any(axis=1) | np.isclose(points[:, 2] % 0.5, 0)
    assert on_face.all()
    assert np.isclose(points[:, 2], 0.5).mean() == pytest.approx(4 / 12, abs=0.03)


def test_a_thing_alone_is_seen_whole():
    share, side = estimate(CAMERA, [cloud(box(1, 1, 1))])
    assert share[0] == 1
    # Its near face is 1 m wide at 9.5 m; the picture is 2 * 9.5 * tan(10 degrees) wide there.
    assert side[0] == pytest.approx(1 / (2 * 9.5 * np.tan(np.radians(10))), rel=0.02)


def test_a_thing_half_behind_another_is_seen_by_half():
    behind, front = cloud(box(0.1, 1, 1)), cloud(box(0.1, 1, 1).moved(x=0.2, y=0.5))
    share, side = estimate(CAMERA, [behind, front])
    assert share[0] == pytest.approx(0.5, abs=0.06)
    assert share[1] > 0.95
    assert side[0] == pytest.approx(side[1] / 2, rel=0.15)


def test_a_thing_wholly_behind_another_is_not_seen():
    share, side = estimate(CAMERA, [cloud(box(0.1, 0.4, 0.4)), cloud(box(0.1, 1, 1).moved(x=1))])
    assert share[0] < 0.02
    assert side[0] < 0.05
