"""Meshes of the world's parts are closed, sized and joined as they say."""

import numpy as np
import pytest

from openseg.mini.world.mesh import arc, box, lathe, merge, superellipsoid, tube


def volume(mesh):
    """Enclosed volume by the divergence theorem; positive when all faces look outwards."""
    a, b, c = np.moveaxis(mesh.points[mesh.faces], 1, 0)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def test_a_box_has_its_volume_and_stands_on_the_ground():
    mesh = box(2, 3, 4)
    assert volume(mesh) == pytest.approx(24)
    assert mesh.points.min(axis=0).tolist() == [-1, -1.5, 0]
    assert mesh.points.max(axis=0).tolist() == [1, 1.5, 4]


def test_a_lathed_cylinder_and_cone_have_their_volumes():
    cylinder = lathe([(0, 0), (1, 0), (1, 2), (0, 2)], sides=400)
    assert volume(cylinder) == pytest.approx(2 * np.pi, rel=1e-3)
    cone = lathe([(0, 0), (1, 0), (0, 3)], sides=400)
    assert volume(cone) == pytest.approx(np.pi, rel=1e-3)


def test_superellipsoids_run_from_ellipsoid_to_box():
    ellipsoid = superellipsoid(2, 4, 6, 1.0, steps=120)
    assert volume(ellipsoid) == pytest.approx(4 / 3 * np.pi * 6, rel=5e-3)
    pillow = superellipsoid(2, 4, 6, 0.2, steps=120)
    assert volume(ellipsoid) < volume(pillow) < 48


def test_a_tube_has_the_volume_of_its_length():
    straight = tube([[0, 0, 0], [0, 0, 1], [0, 0, 5]], 0.5, sides=400)
    assert abs(volume(straight)) == pytest.approx(np.pi * 0.25 * 5, rel=1e-3)


@pytest.mark.parametrize("plane", ["xz", "yz"])
def test_a_bent_tube_keeps_its_radius(plane):
    path = arc(1.0, -80, 80, steps=60, plane=plane)
    points = tube(path, 0.1).points
    nearest = np.linalg.norm(points[:, None] - path[None], axis=2).min(axis=1)
    assert nearest.max() <= 0.1 + 1e-9


def test_moves_turns_and_merges_keep_volumes():
    mesh = merge([box(1, 1, 1).turned("x", 33).moved(5, 1, 2), box(1, 2, 1).turned("z", -70)])
    assert volume(mesh) == pytest.approx(3)
    assert volume(box(1, 1, 1).scaled(2, 3, 4)) == pytest.approx(24)


@pytest.mark.parametrize(
    ("axis", "start", "end"),
    [("x", [0, 1, 0], [0, 0, 1]), ("y", [0, 0, 1], [1, 0, 0]), ("z", [1, 0, 0], [0, 1, 0])],
)
def test_turns_are_right_handed(axis, start, end):
    mesh = box(1, 1, 1)
    corner = type(mesh)(np.array([start], dtype=float), mesh.faces[:0])
    assert corner.turned(axis, 90).points[0] == pytest.approx(end)
