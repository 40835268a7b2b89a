"""The camera sees what it is pointed at."""

import numpy as np
import pytest

from openseg.mini.world.scene import Camera
from openseg.mini.world.view import distance_that_fits, project


def test_points_fall_where_a_pinhole_puts_them():
    """A camera at x = 4 looks along -x: its right is +y, and 45 degrees is the picture's edge."""
    camera = Camera(position=(4.0, 0.0, 0.0), target=(0.0, 0.0, 0.0), fov=90.0)
    points = np.array([[0, 0, 0], [0, 4, 0], [0, 0, 4], [2, -1, -1]], dtype=float)
    where, depth = project(camera, points)
    assert where == pytest.approx(np.array([[0.5, 0.5], [1, 0.5], [0.5, 0], [0.25, 0.75]]))
    assert depth == pytest.approx([4, 4, 4, 2])


def test_the_distance_that_fits_puts_the_farthest_point_on_the_margin():
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (50, 3))
    towards = np.array([0.6, 0.48, 0.64])
    distance = distance_that_fits(points, np.zeros(3), towards, fov=40.0, fill=0.9)
    x, y, z = (float(v) for v in distance * towards)
    where, _ = project(Camera((x, y, z), (0.0, 0.0, 0.0), 40.0), points)
    assert np.abs(2 * where - 1).max() == pytest.approx(0.9)
