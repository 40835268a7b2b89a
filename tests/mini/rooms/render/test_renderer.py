"""Pictures, depth, ids and parts agree with the scene's geometry and with each other."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from openseg.mini.rooms import (
    CATEGORIES,
    COLOURS,
    Camera,
    Light,
    Renderer,
    Room,
    Scene,
    Thing,
    make_room,
    make_still,
    scene_seed,
)
from openseg.mini.rooms.shapes import extent_of
from openseg.mini.rooms.solids import solids_of
from openseg.types.errors import MissingExtraError

pytest.importorskip("pyvista")


@pytest.fixture(scope="module")
def renderer():
    made = Renderer(160, 120)
    yield made
    made.close()


@pytest.fixture(scope="module")
def room(renderer):
    scene = make_room(scene_seed("val", 0))
    scene = replace(scene, cameras=scene.cameras[:4])
    return scene, list(renderer.walk(scene))


def alone(name, yaw, lift=25.0, shape=(0.4, 0.6)):
    """A scene with one thing and nothing else, seen from its front at yaw 0."""
    kind = next(c for c in CATEGORIES if c.name == name)
    size = kind.size[1]
    support = "wall" if kind.places == ("wall",) else "floor"
    thing = Thing(
        1, name, "red", "plain", COLOURS["red"], (0.0, 0.0, 0.0), yaw, size,
        extent_of(name, shape, size), shape, support,
    )  # fmt: skip
    middle = np.array(thing.middle)
    up = np.radians(lift)
    eye = middle + 2.2 * size * np.array([np.cos(up), 0, np.sin(up)])
    camera = Camera(tuple(eye), tuple(middle), 140.0, 160, 120)
    light = Light(
        tuple(eye + np.array([0, 1, 2])), tuple(middle), 40, 0.7, (1, 1, 1), tuple(eye), 0.3, 0.3
    )
    empty = Room("office", (9, 9, 3), (), (0, 0, 0))
    return Scene(0, "still", empty, (thing,), (camera,), light)


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda c: c.name)
def test_every_part_shows_from_some_side(renderer, category):
    seen = set()
    for yaw, lift in ((30, 25), (-40, 25), (150, 25), (-70, 60), (20, -35)):
        view = renderer.render(alone(category.name, yaw, lift))
        assert set(np.unique(view.ids)) <= {0, 1}
        assert np.array_equal(view.ids > 0, view.parts > 0)
        assert np.array_equal(view.ids > 0, view.depth > 0)
        seen |= {category.parts[k - 1] for k in np.unique(view.parts) if k}
        if seen == set(category.parts):
            return
    assert seen == set(category.parts)


def test_depth_lies_on_the_meshes(room):
    """Points from depth are at most 2 mm (median) from the planes of their instance's triangles."""
    scene, views = room
    rng = np.random.default_rng(0)
    solids = solids_of(scene)
    far = []
    for view in views:
        points = view.points()
        for id_ in np.unique(view.ids):
            corners = np.concatenate([s.mesh.points[s.mesh.faces] for s in solids if s.id == id_])
            mine = points[view.ids == id_]
            mine = mine[rng.permutation(len(mine))[:8]]
            far += [_distance(point, corners) for point in mine]
    assert np.median(far) < 2e-3
    assert np.quantile(far, 0.9) < 2e-3


def _distance(point, corners):
    """Distance from a point to the nearest triangle whose prism it is in; 9 if in none."""
    a, e, f = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normal = np.cross(e, f)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    out = np.einsum("md,md->m", point - a, normal)
    flat = point - a - out[:, None] * normal
    basis = np.stack([e, f], axis=2)
    st = np.einsum("mij,mj->mi", np.linalg.pinv(basis), flat)
    inside = np.all(st > -0.02, axis=1) & (st.sum(axis=1) < 1.02)
    return float(np.abs(out[inside]).min()) if inside.any() else 9.0


def test_maps_agree(room):
    scene, views = room
    limits = {t.id: len(t.kind.parts) for t in scene.things}
    for view in views:
        assert view.image.dtype == np.uint8
        assert view.depth.dtype == np.float32
        assert view.ids.dtype == np.uint16
        assert view.parts.dtype == np.uint8
        assert view.ids.min() > 0  # a closed room fills the picture
        assert view.depth.min() > 0
        for id_ in np.unique(view.ids):
            here = view.parts[view.ids == id_]
            assert here.max() <= limits.get(int(id_), 0)
            assert (here.min() > 0) == (int(id_) in limits)


def test_one_place_looks_the_same_to_two_cameras(room):
    """Pixels of a view, carried into another by depth and pose, meet the same ids there."""
    _, (one, *others) = room
    points, ids = one.points().reshape(-1, 3), one.ids.ravel()
    tested = 0
    for other in others:
        pixels, depth = other.camera.project(points)
        at = np.round(pixels).astype(int)
        inside = (depth > 0) & np.all((at >= 0) & (at < [160, 120]), axis=1)
        x, y = at[inside].T
        same = np.abs(other.depth[y, x] - depth[inside]) < 5e-3
        tested += same.sum()
        agree = other.ids[y, x][same] == ids[inside][same]
        assert same.sum() < 200 or agree.mean() > 0.97
    assert tested > 500


def test_visible_shares_are_those_of_things_drawn_alone(renderer, room):
    scene, views = room
    view = views[0]
    for thing in scene.things:
        seen = np.count_nonzero(view.ids == thing.id)
        lonely = replace(scene, things=(replace(thing, id=1),), cameras=(view.camera,))
        lonely = replace(lonely, room=replace(scene.room, surfaces=()))
        whole = np.count_nonzero(renderer.render(lonely).ids == 1)
        share = seen / whole if seen else 0.0
        assert view.visible[thing.id - 1] == pytest.approx(share, abs=2e-3)


def test_boxes_hold_the_visible_pixels(room):
    scene, views = room
    for thing in scene.things:
        y, x = np.nonzero(views[1].ids == thing.id)
        box = (x.min(), y.min(), x.max() + 1, y.max() + 1) if len(x) else (0, 0, 0, 0)
        assert tuple(views[1].boxes[thing.id - 1]) == box


def test_a_scene_is_drawn_the_same_again_and_by_another_renderer(renderer):
    scene = make_still(scene_seed("val", 5))
    first, other = renderer.render(scene), make_still(scene_seed("val", 6))
    renderer.render(other)
    again = renderer.render(scene)
    fresh = Renderer(160, 120)
    third = fresh.render(scene)
    fresh.close()
    for view in (again, third):
        assert np.array_equal(view.ids, first.ids)
        assert np.array_equal(view.depth, first.depth)
        assert np.abs(view.image.astype(int) - first.image).max() <= 1


def test_things_have_their_colour_and_cast_shadows(renderer):
    view = renderer.render(alone("ball", 0))
    body = view.image[view.parts == 1].mean(axis=0)
    assert body[0] > 2 * max(body[1:])


def test_walks_see_nearly_everything(renderer):
    scene = make_room(scene_seed("val", 1))
    most = np.zeros(len(scene.things))
    for view in renderer.walk(scene):
        counts = np.bincount(view.ids.ravel(), minlength=len(most) + 1)
        most = np.maximum(most, counts[1 : len(most) + 1])
    assert np.mean(most >= 40) > 0.9


def test_a_missing_package_is_named_in_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyvista", None)
    with pytest.raises(MissingExtraError) as caught:
        Renderer()
    assert "openseg[world]" in str(caught.value)
    assert "\n" not in str(caught.value)
