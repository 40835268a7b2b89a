"""The solids have the volumes and sides that geometry says, with their outsides outside."""

import numpy as np
import pytest

from openseg.mini.rooms.shapes.mesh import blob, box, lathe, merge, slab, tube


def volume(mesh):
    a, b, c = (mesh.points[mesh.faces[:, k]] for k in range(3))
    return float(np.einsum("nd,nd->n", a, np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize(
    ("mesh", "expected"),
    [
        (box(2, 3, 4), 24.0),
        (lathe([(0, 0), (1, 0), (1, 2), (0, 2)], 200), 2 * np.pi),
        (blob(2, 2, 2, 1.0, 60), 4 / 3 * np.pi),
        (tube([[0, 0, 0], [0, 0, 3]], 0.5, 200), 0.75 * np.pi),
        (slab([[0, 0], [2, 0], [2, 1], [0, 1]], 0.5), 1.0),
    ],
)
def test_volumes(mesh, expected):
    assert volume(mesh) == pytest.approx(expected, rel=5e-3)
    assert volume(mesh.turned("x", 33).moved(1, 2, 3)) == pytest.approx(expected, rel=5e-3)
    assert volume(mesh.scaled(2)) == pytest.approx(8 * expected, rel=5e-3)
    assert volume(mesh.stretched(1, 2, 3)) == pytest.approx(6 * expected, rel=5e-3)


def test_a_quarter_turn_takes_x_to_y():
    turned = box(2, 1, 1).moved(5).turned("z", 90)
    assert turned.points[:, 1].mean() == pytest.approx(5)
    assert np.ptp(turned.points[:, 1]) == pytest.approx(2)


def test_textures_are_measured_in_metres():
    mesh = box(2, 3, 4)
    for face in mesh.faces:
        sides = np.linalg.norm(np.diff(mesh.points[[*face, face[0]]], axis=0), axis=1)
        places = np.linalg.norm(np.diff(mesh.uv[[*face, face[0]]], axis=0), axis=1)
        assert places == pytest.approx(sides)
    assert mesh.scaled(3).uv == pytest.approx(3 * mesh.uv)


def test_merged_meshes_keep_their_triangles():
    both = merge([box(1, 1, 1), box(1, 1, 1).moved(5)])
    assert volume(both) == pytest.approx(2)
    assert both.faces.max() == len(both.points) - 1 == len(both.uv) - 1
