"""Run folders of scenes: what lies in them, what other programs read, how a run goes on."""

from __future__ import annotations

import json
import shutil
import struct

import numpy as np
import pytest
from plyfile import PlyData

import openseg
from openseg.api.run_folder import RunFolder
from openseg.api.scenes.reading import read_record_cloud, rows_of_points, scene_records
from openseg.api.scenes.runs import SceneRunRequest, run_scenes
from openseg.io.scenes.finding import find_scenes
from openseg.types.errors import InputError
from openseg_evals.formats.scannet import read_instances, read_integers
from tests.scene_toys import points_of, write_weak_method


@pytest.fixture
def run(method, box_room, tmp_path):
    """The folder of a run for two objects."""
    request = SceneRunRequest([box_room], "box;mat;ghost")
    summary = run_scenes(method, request, tmp_path / "out")
    assert (summary.samples, summary.failed, summary.regions) == (1, 0, 2)
    return tmp_path / "out"


def test_what_a_run_wrote_is_read_back(run, box_room):
    [record] = scene_records(run)
    cloud = read_record_cloud(run, record)
    rows = rows_of_points(record)
    assert (record.id, record.scene, record.error) == (box_room.name, str(box_room), None)
    assert (record.points, record.frames) == (len(cloud), 5)
    for row, one in enumerate(record.instances):
        expected = points_of(one.phrase, cloud.positions.numpy())
        assert one.points(record.points).tolist() == expected.tolist()
        assert np.flatnonzero(rows == row).tolist() == expected.tolist()
        assert one.size == len(expected)
        assert one.views
    assert (rows == -1).sum() == record.points - sum(one.size for one in record.instances)


def test_a_record_goes_through_json_unchanged(run):
    [record] = scene_records(run)
    assert type(record).from_json(json.loads(json.dumps(record.as_json()))) == record


def test_the_submission_is_what_the_official_reader_takes(run, box_room):
    listed = read_instances(run / f"scannet/{box_room.name}.txt")
    assert [(one.label, one.score) for one in listed] == [(1, 0.9), (2, 0.6)]
    [record] = scene_records(run)
    for one, instance in zip(listed, record.instances, strict=True):
        inside = np.flatnonzero(read_integers(one.mask))
        assert inside.tolist() == instance.points(record.points).tolist()
    labels = (run / "scannet/labels.tsv").read_text().splitlines()
    assert labels == ["label\tname", "1\tbox", "2\tmat", "3\tghost"]


def test_the_coloured_cloud_keeps_order_and_names_objects(run, box_room):
    [record] = scene_records(run)
    vertices = PlyData.read(run / f"ply/{box_room.name}.ply")["vertex"].data
    own = read_record_cloud(run, record)
    assert np.allclose(vertices["x"], own.positions[:, 0].numpy())
    assert vertices["instance"].tolist() == rows_of_points(record).tolist()
    assert set(vertices["class_id"].tolist()) == {-1, 0, 1}
    colors = np.stack([vertices[name] for name in ("red", "green", "blue")], axis=1)
    for row in (0, 1):
        assert len(np.unique(colors[vertices["instance"] == row], axis=0)) == 1
    rest = vertices["instance"] == -1
    assert (colors[rest] == own.colors.numpy()[rest]).all()


def test_the_gltf_file_has_a_named_node_for_every_object(run, box_room):
    content = (run / f"gltf/{box_room.name}.glb").read_bytes()
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version, length) == (b"glTF", 2, len(content))
    size, kind = struct.unpack_from("<I4s", content, 12)
    assert kind == b"JSON"
    header = json.loads(content[20 : 20 + size])
    data_size, data_kind = struct.unpack_from("<I4s", content, 20 + size)
    assert data_kind == b"BIN\0"
    data = content[28 + size :]
    assert header["buffers"][0]["byteLength"] <= data_size == len(data)
    by_name = {node["name"]: node for node in header["nodes"]}
    assert {"box 0.90", "mat 0.60", "rest of the scene"} <= by_name.keys()
    [record] = scene_records(run)
    box = record.instances[0]
    primitive = header["meshes"][by_name["box 0.90"]["mesh"]]["primitives"][0]
    accessor = header["accessors"][primitive["attributes"]["POSITION"]]
    view = header["bufferViews"][accessor["bufferView"]]
    assert (primitive["mode"], accessor["count"], view["byteOffset"] % 4) == (0, box.size, 0)
    stored = np.frombuffer(data, "<f4", 3 * box.size, view["byteOffset"]).reshape(-1, 3)
    assert stored.min(axis=0).tolist() == pytest.approx(box.box[:3], abs=1e-3)
    assert accessor["max"] == pytest.approx(list(box.box[3:]), abs=1e-3)
    # The world's z is up: the turn of the root takes it to y.
    x, y, z, w = by_name["scene"]["rotation"]
    turned = [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)]
    assert turned == pytest.approx([0, 1, 0])


def test_a_faulty_scene_does_not_stop_the_others(method, box_room, tmp_path):
    shutil.copytree(box_room, tmp_path / "rooms/a")
    shutil.copytree(box_room, tmp_path / "rooms/b")
    (tmp_path / f"rooms/b/{box_room.name}_vh_clean_2.ply").write_bytes(b"ply")
    (tmp_path / f"rooms/a/{box_room.name}_vh_clean_2.ply").rename(tmp_path / "rooms/a/cloud.ply")
    request = SceneRunRequest(find_scenes([tmp_path / "rooms"]), "box", formats=frozenset())
    summary = run_scenes(method, request, tmp_path / "out")
    assert (summary.samples, summary.failed, summary.exit_code) == (2, 1, 0)
    good, bad = scene_records(tmp_path / "out")
    assert (good.id, good.error, bad.id) == ("a", None, "b")
    assert "not a whole PLY file" in bad.error


def test_a_stopped_run_goes_on_to_the_same_bytes(method, box_room, tmp_path):
    for name in ("a", "b"):
        shutil.copytree(box_room, tmp_path / "rooms" / name)
        cloud = tmp_path / f"rooms/{name}/{box_room.name}_vh_clean_2.ply"
        cloud.rename(cloud.with_name("cloud.ply"))
    paths = find_scenes([tmp_path / "rooms"])
    formats = frozenset({"scannet"})
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run_scenes(method, SceneRunRequest(paths, "box;mat", formats), whole)
    run_scenes(method, SceneRunRequest(paths, "box;mat", formats, limit=1), parts)
    run_scenes(method, SceneRunRequest(paths, "box;mat", formats), parts, resume=True)
    assert (whole / "scenes.jsonl").read_bytes() == (parts / "scenes.jsonl").read_bytes()
    assert sorted(p.name for p in parts.rglob("*")) == sorted(p.name for p in whole.rglob("*"))


def test_records_of_images_are_not_looked_for_in_a_run_on_scenes(run):
    with pytest.raises(InputError, match="a run on scenes, not on images"):
        RunFolder.read(run)


def test_a_cloud_that_changed_is_refused(run, box_room, tmp_path):
    [record] = scene_records(run)
    other = tmp_path / "other.ply"
    other.write_bytes(
        b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\n"
        b"property float z\nend_header\n0 0 0\n"
    )
    changed = type(record)(**{**record.__dict__, "cloud": str(other)})
    with pytest.raises(InputError, match="has 1 points"):
        read_record_cloud(run, changed)


def test_overwriting_removes_what_a_run_writes_and_nothing_else(method, box_room, run):
    (run / "notes.txt").write_text("mine")
    request = SceneRunRequest([box_room], "box", formats=frozenset())
    run_scenes(method, request, run, overwrite=True)
    assert sorted(p.name for p in run.iterdir()) == ["notes.txt", "run.json", "scenes.jsonl"]


def test_a_scene_without_a_cloud_gets_one_fused_and_keeps_it(method, box_room, tmp_path):
    scene = shutil.copytree(box_room, tmp_path / "scene0000_00")
    (scene / f"{box_room.name}_vh_clean_2.ply").unlink()
    run_scenes(method, SceneRunRequest([scene], "box"), tmp_path / "out")
    [record] = scene_records(tmp_path / "out")
    assert record.cloud == "clouds/scene0000_00.ply"
    cloud = read_record_cloud(tmp_path / "out", record)
    assert len(cloud) == record.points > 1000
    low, high = (cloud.positions.amin(dim=0), cloud.positions.amax(dim=0))
    assert low.tolist() == pytest.approx([0, 0, 0], abs=0.05)  # the room itself
    assert high.tolist() == pytest.approx([4, 3, 2.5], abs=0.05)
    assert record.instances[0].size > 100


def test_a_scene_without_cloud_and_depth_is_an_error(method, box_room, tmp_path):
    scene = shutil.copytree(box_room, tmp_path / "scene0000_00")
    (scene / f"{box_room.name}_vh_clean_2.ply").unlink()
    shutil.rmtree(scene / "depth")
    summary = run_scenes(method, SceneRunRequest([scene], "box"), tmp_path / "out")
    [record] = scene_records(tmp_path / "out")
    assert "no depth to make one of" in record.error
    assert summary.exit_code == 2


def test_labelled_points_come_from_a_file_or_lie_beside_the_scene(scene_stages, box_room, tmp_path):
    weak = openseg.load(write_weak_method(tmp_path), device="cpu")
    scene = shutil.copytree(box_room, tmp_path / box_room.name)
    lines = "object,phrase,x,y,z\n1,crate,2.0,1.5,0.9\n2,rug,0.7,0.6,0\n"
    (tmp_path / "mine.csv").write_text(lines)
    (scene / "labels.csv").write_text(lines.splitlines()[0] + "\n1,crate,2.0,1.5,0.9\n")
    request = SceneRunRequest([scene], objects=tmp_path / "mine.csv", formats=frozenset())
    run_scenes(weak, request, tmp_path / "given")
    run_scenes(weak, SceneRunRequest([scene], formats=frozenset()), tmp_path / "beside")
    [given], [beside] = (list(scene_records(tmp_path / name)) for name in ("given", "beside"))
    assert [one.phrase for one in given.instances] == ["crate", "rug"]
    assert [one.class_id for one in given.instances] == [0, 1]
    assert [one.phrase for one in beside.instances] == ["crate"]
    assert given.instances[0].runs == beside.instances[0].runs
    assert weak(scene=box_room, labels=tmp_path / "mine.csv").phrases == ["crate", "rug"]
    with pytest.raises(InputError, match="told 'labels', which are not there"):
        weak(scene=box_room)
