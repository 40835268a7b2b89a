"""Things stand on what they are said to stand on, inside the room and not inside each other."""

import numpy as np
import pytest

from openseg.mini.rooms import make_room, make_still, scene_seed
from openseg.mini.rooms.shapes import build, merge

SCENES = [make_still(scene_seed("train", k)) for k in range(30)] + [
    make_room(scene_seed(split, k)) for split in ("train", "test_unseen") for k in range(4)
]


def vertices(thing):
    return merge([part.mesh for part in build(thing)]).points


def in_own_axes(thing, points):
    turn = np.radians(-thing.yaw)
    c, s = np.cos(turn), np.sin(turn)
    local = points - np.array([*thing.middle])
    return np.stack(
        [c * local[:, 0] - s * local[:, 1], s * local[:, 0] + c * local[:, 1], local[:, 2]], axis=1
    )


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: f"{s.kind}-{s.seed}")
def test_nothing_floats_and_nothing_sticks_out(scene):
    size = np.array(scene.room.size)
    for thing in scene.things:
        points = vertices(thing)
        assert points.min() > -1e-3
        assert np.all(points < size + 1e-3)
        low = points[:, 2].min()
        if thing.support == "floor":
            assert 0 <= low <= 5e-3
            assert "floor" in thing.kind.places
        elif thing.support == "wall":
            assert thing.kind.places == ("wall",)
            gaps = np.concatenate([points[:, :2], size[:2] - points[:, :2]], axis=1).min(axis=0)
            assert np.min(gaps) < 2e-3
        else:
            carrier = scene.thing(thing.support)
            assert thing.kind.may_stand_on(carrier.kind)
            surface = vertices(carrier)
            foot = points[points[:, 2] < low + 0.01]
            inside = np.abs(in_own_axes(carrier, foot)[:, :2]) < np.array(carrier.extent[:2]) / 2
            assert inside.all()
            under = surface[surface[:, 2] <= low + 1e-3][:, 2]
            assert low - under.max() < 0.012


@pytest.mark.parametrize("scene", SCENES, ids=lambda s: f"{s.kind}-{s.seed}")
def test_things_do_not_run_into_each_other(scene):
    """No vertex of a thing lies in the turned box around another, unless one carries the other."""
    for thing in scene.things:
        points = vertices(thing)
        carriers, below = set(), thing.support
        while isinstance(below, int):
            carriers.add(below)
            below = scene.thing(below).support
        for other in scene.things:
            if other is thing or other.id in carriers or other.support == thing.id:
                continue
            if thing.id in _all_below(scene, other):
                continue
            local = np.abs(in_own_axes(other, points))
            assert not np.any(np.all(local < np.array(other.extent) / 2 - 1e-3, axis=1))


def _all_below(scene, thing):
    ids, below = set(), thing.support
    while isinstance(below, int):
        ids.add(below)
        below = scene.thing(below).support
    return ids


def test_cameras_are_in_the_open():
    for scene in SCENES:
        for camera in scene.cameras:
            for thing in scene.things:
                local = np.abs(in_own_axes(thing, np.array([camera.position])))[0]
                assert np.any(local > np.array(thing.extent) / 2)
            pose = camera.pose
            assert pose[:3, :3] @ pose[:3, :3].T == pytest.approx(np.eye(3))
            assert np.linalg.det(pose[:3, :3]) == pytest.approx(1)


def test_the_target_is_in_the_middle_of_the_picture():
    camera = SCENES[0].cameras[0]
    pixel, depth = camera.project(np.array([camera.target]))
    assert pixel[0] == pytest.approx([(camera.width - 1) / 2, (camera.height - 1) / 2])
    assert depth[0] == pytest.approx(np.linalg.norm(np.subtract(camera.target, camera.position)))
    higher = np.array([camera.target]) + np.array([0, 0, 0.1])
    assert camera.project(higher)[0][0, 1] < pixel[0, 1]
