"""A room's labelled mesh has what the views saw, where it is, with the right labels."""

import numpy as np
import pytest

from openseg.mini.rooms import Renderer, fuse, make_room, scene_seed
from openseg.mini.rooms.scan import subdivided
from openseg.mini.rooms.shapes.mesh import box, lathe

pytest.importorskip("pyvista")


@pytest.fixture(scope="module")
def scanned():
    renderer = Renderer(320, 240)
    scene = make_room(scene_seed("val", 2))
    views = list(renderer.walk(scene))
    renderer.close()
    return scene, views, fuse(scene, views)


def test_arrays_belong_together(scanned):
    scene, _, scan = scanned
    n = len(scan.points)
    assert 15_000 <= n <= 75_000
    assert scan.points.shape == scan.colours.shape == (n, 3)
    assert scan.instances.shape == scan.parts.shape == scan.labels.shape == (n,)
    assert scan.faces.min() == 0
    assert scan.faces.max() < n
    names = scene.labels()
    for id_ in np.unique(scan.instances):
        assert set(scan.labels[scan.instances == id_]) == {names[int(id_)]}


def test_things_that_were_seen_have_many_vertices(scanned):
    scene, views, scan = scanned
    for thing in scene.things:
        pixels = max(np.count_nonzero(view.ids == thing.id) for view in views)
        if pixels > 400:
            assert np.count_nonzero(scan.instances == thing.id) >= 100


def test_vertices_lie_in_their_things(scanned):
    scene, _, scan = scanned
    for thing in scene.things:
        mine = scan.points[scan.instances == thing.id].astype(float) - np.array(thing.middle)
        turn = np.radians(-thing.yaw)
        c, s = np.cos(turn), np.sin(turn)
        x, y, z = c * mine[:, 0] - s * mine[:, 1], s * mine[:, 0] + c * mine[:, 1], mine[:, 2]
        for along, side in zip((x, y, z), thing.extent, strict=True):
            assert np.all(np.abs(along) <= side / 2 + 1e-3)
        parts = set(scan.parts[scan.instances == thing.id])
        assert parts <= set(range(1, len(thing.kind.parts) + 1))


def test_what_no_view_sees_is_left_out(scanned):
    scene, views, scan = scanned
    assert len(fuse(scene, []).points) == 0
    assert len(fuse(scene, views[:2]).points) < len(scan.points)


@pytest.mark.parametrize("mesh", [box(1, 0.02, 0.5), lathe([(0, 0), (0.3, 0), (0.2, 1), (0, 1)])])
def test_subdividing_keeps_the_surface_closed(mesh):
    fine = subdivided(mesh, 0.1)
    corners = fine.points[fine.faces]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    assert sides.max() <= 0.1 + 1e-9
    edges = np.sort(fine.faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    assert set(counts) == {2}  # every edge joins two triangles

    def area(m):
        c = m.points[m.faces]
        return np.linalg.norm(np.cross(c[:, 1] - c[:, 0], c[:, 2] - c[:, 0]), axis=1).sum() / 2

    assert area(fine) == pytest.approx(area(mesh))
