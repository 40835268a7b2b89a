"""Scenes in the viewer, without a browser: what is read, packed, seen in frames, said of words."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from openseg.api.run_folder import SUMMARY
from openseg.api.scenes.reading import read_record_cloud
from openseg.api.scenes.records import SceneRecord, SceneView
from openseg.api.scenes.room import upward
from openseg.io.scenes.layout import read_scene
from openseg.models.store import ModelStore
from openseg.types import PointCloud
from openseg.types.errors import InputError, OpensegError
from openseg_ui.server.jobs import Line, State
from openseg_ui.server.scenes import MOST_READ, cloud_of, frames_of, read_scene_run, scene_folders
from openseg_ui.server.scenes_cloud import (
    LEAST_OF_OBJECT,
    NONE,
    SECTORS,
    members,
    near_walls,
    owners_of,
    pack,
)
from openseg_ui.server.scenes_views import best_views, crop_of, seen_in
from openseg_ui.server.scenes_words import Asked, Vectors
from tests.scene_toys import box_room, points_of, scene_stages
from tests.scenes import POSES, ROOM
from tests.ui.scene_runs import box_run, hall, instance

__all__ = ["box_room", "scene_stages"]

NO_POSES = np.zeros((0, 4, 4), dtype=np.float32)
POINT = np.dtype([("place", "<u2", 3), ("object", "<u2"), ("colour", "u1", 3), ("walls", "u1")])


@pytest.fixture
def run(scene_stages, box_room, tmp_path):
    return read_scene_run(box_run(box_room, tmp_path))


@pytest.fixture
def record(run):
    return run.records[0]


@pytest.fixture
def packed(run, record, box_room):
    frames = read_scene(box_room).frames
    return pack(read_record_cloud(run.folder, record), record, frames.poses.numpy())


def stored(packed):
    """The points as a browser reads them."""
    return np.frombuffer(b"".join(packed.parts), POINT)


def cloud(places, colors=None):
    grey = np.full((len(places), 3), 128, dtype=np.uint8)
    return PointCloud(
        torch.from_numpy(np.asarray(places, dtype=np.float32)),
        torch.from_numpy(grey if colors is None else colors),
    )


def empty_record(total, *instances):
    return SceneRecord("made", "", "made.ply", total, 0, instances)


def test_places_and_objects_come_through(packed, record, run):
    whole = read_record_cloud(run.folder, record)
    points = stored(packed)
    assert sorted(packed.rows.tolist()) == list(range(len(whole)))
    assert packed.rows.tolist() != list(range(len(whole)))  # a part of them is the whole scene
    places = points["place"] * packed.unit + packed.origin
    expected = whole.positions.numpy()[packed.rows]
    assert np.abs(places - expected).max() <= packed.unit
    assert packed.unit < 1e-4  # four metres in 65535 steps
    colours = whole.colors.numpy()[packed.rows]
    assert np.abs(points["colour"].astype(int) - colours).max() <= 1
    for row, name in enumerate(("box", "mat")):
        mine = packed.rows[points["object"] == row]
        assert sorted(mine.tolist()) == points_of(name, whole.positions.numpy()).tolist()


def test_a_large_scene_is_thinned_out_but_small_objects_stay():
    places, owner = hall(60_000)
    small = np.flatnonzero(owner == 7)[:50]
    large = np.flatnonzero(owner < 0)
    found = [instance("pin", 0, 0.9, places, small), instance("wall", 1, 0.9, places, large)]
    packed = pack(cloud(places), empty_record(60_000, *found), NO_POSES, most=3000)
    assert 3000 <= packed.count <= 3000 + LEAST_OF_OBJECT
    owners = stored(packed)["object"]
    assert (owners == 0).sum() == 50
    assert 1000 < (owners == 1).sum() < 3000
    assert len(np.unique(packed.rows)) == packed.count


def test_the_download_is_bounded_and_begins_small():
    places, _ = hall(700_000)
    packed = pack(cloud(places), empty_record(700_000), NO_POSES)
    sizes = [len(part) // POINT.itemsize for part in packed.parts]
    assert sizes == [65_536, 262_144, 262_144, 110_176]
    assert packed.count == packed.total == 700_000


def test_sure_objects_lie_over_doubtful_ones_and_small_ones_over_large_ones():
    places = np.zeros((1000, 3), dtype=np.float32)
    bed = instance("bed", 0, 0.5, places, np.arange(500))
    pillow = instance("pillow", 1, 0.4, places, np.arange(100, 150))
    doubt = instance("sofa", 2, 0.03, places, np.arange(400, 600))
    owner = owners_of(empty_record(1000, bed, pillow, doubt))
    assert set(owner[100:150]) == {1}
    assert set(owner[:100]) == set(owner[150:500]) == {0}
    assert set(owner[500:600]) == {2}
    assert set(owner[600:]) == {-1}


def test_an_object_has_all_its_points_while_it_is_chosen():
    places = np.random.default_rng(0).random((300, 3)).astype(np.float32)
    bed = instance("bed", 0, 0.5, places, np.arange(200))
    pillow = instance("pillow", 1, 0.5, places, np.arange(50))
    packed = pack(cloud(places), empty_record(300, bed, pillow), NO_POSES)
    assert sorted(packed.rows[members(packed, bed)].tolist()) == list(range(200))
    assert (packed.owners == 0).sum() == 150


def test_points_without_a_place_are_left_out_and_counted():
    places = np.random.default_rng(0).random((100, 3)).astype(np.float32)
    places[[3, 50]] = [[np.nan, 0, 0], [0, np.inf, 0]]
    packed = pack(cloud(places), empty_record(100), NO_POSES)
    assert (packed.count, packed.dropped) == (98, 2)
    assert not {3, 50} & set(packed.rows.tolist())


@pytest.mark.parametrize("count", [0, 1, 4])
def test_almost_nothing_can_be_packed(count):
    packed = pack(cloud(np.zeros((count, 3))), empty_record(count), NO_POSES)
    assert packed.count == count


def test_up_is_where_the_cameras_have_it():
    poses = np.array(POSES, dtype=np.float32)
    assert upward(poses).tolist() == [0, 0, 1]
    lying = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]], dtype=np.float32)  # z goes to y
    turned = poses.copy()
    turned[:, :3] = lying @ poses[:, :3]
    assert upward(turned).tolist() == [0, 1, 0]
    places = np.random.default_rng(0).random((50, 3)).astype(np.float32) * [4, 3, 2.5]
    packed = pack(cloud(places @ lying.T), empty_record(50), turned)
    drawn = stored(packed)["place"] * packed.unit + packed.origin
    assert drawn[:, 2] == pytest.approx(places[packed.rows, 2], abs=2 * packed.unit)
    assert packed.top == pytest.approx(float(poses[:, 2, 3].max()) + 0.2, abs=1e-5)


def test_walls_know_from_where_they_hide_the_room(packed):
    places = packed.positions
    bits = near_walls(places)
    high = (places[:, 2] > 0.3) & (places[:, 2] < 2.4)
    inner = (places[:, 0] > 0.5) & (places[:, 0] < ROOM[1][0] - 0.5)
    east, west = places[:, 0] > ROOM[1][0] - 0.01, places[:, 0] < 0.01
    quarter = SECTORS // 2
    assert (bits[east & high] & 1 == 1).all()  # from the direction of x
    assert (bits[west & high] & 1 == 0).all()
    assert (bits[west & high] >> quarter & 1 == 1).all()
    on_floor = inner & (places[:, 2] < 0.01) & (places[:, 1] > 0.5) & (places[:, 1] < 2.5)
    assert (bits[on_floor] == 0).all()
    assert (stored(packed)["walls"][packed.owners != NONE] == 0).all()  # objects stay


def test_runs_on_scenes_are_found_and_read_while_they_go_on(run, tmp_path):
    assert scene_folders([tmp_path]) == [run.folder]
    with (run.folder / "scenes.jsonl").open("a") as file:
        file.write('{"id": "next", "sce')
    again = read_scene_run(run.folder)
    assert (again.method, [one.id for one in again.records]) == (run.method, [run.records[0].id])


@pytest.mark.parametrize("text", ["", "{", "[]", '{"identity": {"format": 1, "kind": "scenes"}}'])
def test_a_damaged_run_is_told(run, text):
    (run.folder / SUMMARY).write_text(text)
    with pytest.raises(InputError):
        read_scene_run(run.folder)


def test_a_newer_one_and_one_that_is_gone_are_told(run):
    summary = json.loads((run.folder / SUMMARY).read_text())
    summary["identity"]["format"] = 99
    (run.folder / SUMMARY).write_text(json.dumps(summary))
    with pytest.raises(InputError, match="99"):
        read_scene_run(run.folder)
    shutil.rmtree(run.folder)
    with pytest.raises(InputError, match="no run"):
        read_scene_run(run.folder)


def test_only_allowed_folders_are_read(run, record, box_room, tmp_path):
    own, note = cloud_of(run, record, [box_room])
    assert note == ""
    copy, note = cloud_of(run, record, [tmp_path])
    assert "copy" in note
    assert torch.equal(copy.positions, own.positions)
    shutil.rmtree(run.folder / "ply")
    with pytest.raises(OpensegError, match="not in the folders"):
        cloud_of(run, record, [tmp_path])
    with pytest.raises(OpensegError, match="not in the folders"):
        frames_of(record, [tmp_path])
    assert len(frames_of(record, [box_room])) == 5


def test_a_record_cannot_lead_out_of_its_folder(run, record, tmp_path):
    secret = tmp_path / "secret.ply"
    shutil.copy(next((run.folder / "ply").iterdir()), secret)
    wrong = dataclasses.replace(record, id="../../secret", cloud="clouds/../../secret.ply")
    with pytest.raises(OpensegError, match="not in the folders"):
        cloud_of(run, wrong, [run.folder])


def test_a_cloud_that_is_missing_changed_or_too_large_is_told(run, record, tmp_path):
    shutil.rmtree(run.folder / "ply")
    gone = dataclasses.replace(record, cloud=str(tmp_path / "gone.ply"))
    for wrong in (gone, dataclasses.replace(record, cloud="")):
        with pytest.raises(OpensegError):
            cloud_of(run, wrong, [tmp_path])
    changed = dataclasses.replace(record, points=record.points + 1)
    with pytest.raises(InputError, match="run the method again"):
        cloud_of(run, changed, [Path(record.cloud).parent])
    huge = dataclasses.replace(record, points=MOST_READ + 1)
    with pytest.raises(InputError, match="more than the 100,000,000"):
        cloud_of(run, huge, [tmp_path])


def test_a_frame_shows_an_object_where_the_run_saw_it(record, packed, box_room):
    frames = read_scene(box_room).frames
    for one in record.instances:
        for view in best_views(one, 3):
            seen = seen_in(frames, view, one, packed)
            rows, columns = np.nonzero(seen.mask)
            left, top, right, bottom = view.box
            assert abs(columns.min() - left) < 5
            assert abs(columns.max() + 1 - right) < 5
            assert abs(rows.min() - top) < 5
            assert abs(rows.max() + 1 - bottom) < 5
            assert max(crop_of(seen, (255, 0, 0)).size) == 320
    gone = SceneView("99", 0.5, (0, 0, 5, 5))
    assert seen_in(frames, gone, record.instances[0], packed) is None


def test_a_frame_counts_once(record):
    one = record.instances[0]
    doubled = dataclasses.replace(one, views=(*one.views, *one.views))
    frames = [view.frame for view in best_views(doubled, 10)]
    assert len(frames) == len(set(frames)) == len(one.views)


def test_words_are_answered_again_without_a_look_at_the_frames(record, packed, box_room, tmp_path):
    folder = shutil.copytree(box_room, tmp_path / box_room.name)
    frames = read_scene(folder).frames
    store, line, vectors = ModelStore(), Line(), Vectors()

    def fit(*words):
        asked = Asked("here", words, record, frames, packed)
        job = line.submit(vectors.job(asked, lambda: store.load("clip")))
        while not job.over:
            pass
        assert job.error is None, job.error
        return job.result

    first = fit("box", "mat")
    assert len(first.scores) == 2
    assert all(-1 <= score <= 1 for score in first.scores)
    shutil.rmtree(folder)
    assert fit("mat", "box").scores == pytest.approx(first.scores, abs=1e-5)
    assert fit("mat", "box").best == tuple(1 - one for one in first.best)
    lone = [fit(word).scores for word in ("box", "mat")]
    assert first.scores == pytest.approx(np.max(lone, axis=0), abs=1e-5)


def test_words_for_a_scene_without_frames_are_a_fault_that_says_so(record, packed, box_room):
    blind = dataclasses.replace(
        record, instances=tuple(dataclasses.replace(one, views=()) for one in record.instances)
    )
    asked = Asked("blind", ("box",), blind, read_scene(box_room).frames, packed)
    job = Vectors().job(asked, lambda: ModelStore().load("clip"))
    job.run()
    assert job.state is State.FAILED
    assert "no frame shows" in job.error.what


def test_values_have_colours_from_dark_to_bright():
    from openseg_ui.widgets.cloud_colours import scale_of

    colours, scale = scale_of("score", [0.2, None, 0.8, 0.5])
    assert colours[1] is None
    light = [sum(int(one[i : i + 2], 16) for i in (1, 3, 5)) for one in (colours[0], *colours[2:])]
    assert light[0] < light[2] < light[1]
    assert (scale["low"], scale["high"]) == (0.2, 0.8)
    assert colours[0] == scale["colours"][0]
    assert scale_of("score", [0.5, 0.5])[0][0] == scale["colours"][-1]
