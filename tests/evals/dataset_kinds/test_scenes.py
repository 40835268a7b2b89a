"""Replica and own folders as data sets of scenes."""

from __future__ import annotations

import numpy as np
import pytest

from openseg.io.scenes.ply import Mesh, read_cloud, write_ply
from openseg.types.errors import UserError
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.datasets.replica import SCENES
from openseg_evals.formats.scannet import read_integers
from openseg_evals.score.registry import score
from tests.evals.dataset_kinds.answers import scannet_lists
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.truth_as_answer import write_json, write_text
from tests.io.scenes import writers
from tests.scenes import recording


def annotate(habitat, cloud):
    """Quads over the vertices: a chair, a wall, something without class, and bare vertices."""
    n = len(cloud) // 4 * 4
    faces = np.arange(n).reshape(-1, 4)
    objects = np.zeros(len(faces), dtype=np.int32)
    objects[:100], objects[100:150], objects[150:160], objects[160:200] = 4, 0, 7, 9
    # The last vertices of object 4's last face are also object 0's: the later face has them.
    faces[100, 0] = faces[99, 3]
    habitat.mkdir(parents=True)
    mesh = Mesh(cloud, faces[:200], {}, {"object_id": objects[:200]})
    write_ply(habitat / "mesh_semantic.ply", mesh)
    known = [{"id": 4, "class_id": 20, "class_name": "chair"}, {"id": 0, "class_id": 93}]
    write_json(habitat / "info_semantic.json", {"objects": [*known, {"id": 7, "class_id": -1}]})


@pytest.fixture
def replica(tmp_path):
    folder, made = tmp_path / "Replica", recording(count=1)
    for name in SCENES:
        writers.replica(_new(folder / name), made)
        habitat = folder / f"{name[:-1]}_{name[-1]}" / "habitat"
        annotate(habitat, read_cloud(folder / f"{name}_mesh.ply"))
    return folder


def _new(folder):
    folder.mkdir(parents=True)
    return folder


def test_replica_takes_objects_from_its_semantic_mesh(replica, tmp_path):
    dataset = load_dataset("replica", replica, {})
    truth = dataset.truth(tmp_path / "work")
    ids = read_integers(truth / "room0.txt")
    assert ids[:399].tolist() == [20005] * 399
    assert ids[[399, 400, 401, 599]].tolist() == [93001, 0, 93001, 93001]
    assert ids[600:].max() == 0
    assert sorted(path.stem for path in truth.iterdir()) == sorted(SCENES)


def test_replica_asks_for_its_48_classes(replica, tmp_path):
    dataset = load_dataset("replica", replica, {})
    assert [sample.id for sample in dataset.samples] == list(SCENES)
    sample = dataset.samples[5]
    assert len(sample.phrases) == 48
    assert [(one.label, len(one.vertices)) for one in sample.targets()] == [(20, 399)]
    truth, answer = dataset.truth(tmp_path / "work"), scannet_lists(dataset, tmp_path / "answer")
    assert score("scannet_instances", truth, answer, dataset.metric_options)["AP"] == 1


def test_a_semantic_mesh_with_other_vertices_is_refused(replica, tmp_path):
    made = recording(count=1)
    writers.write_cloud(replica / "room1_mesh.ply", made.points[:-5])
    with pytest.raises(UserError, match=r"room1_mesh\.ply: has \d+ lines, the truth has \d+"):
        load_dataset("replica", replica, {}).truth(tmp_path)


def test_replica_says_where_its_parts_come_from(replica, tmp_path):
    (replica / "office_2" / "habitat" / "info_semantic.json").unlink()
    with pytest.raises(UserError, match=r"no info_semantic\.json.*facebookresearch/Replica"):
        load_dataset("replica", replica, {}).truth(tmp_path)
    (replica / "office2_mesh.ply").unlink()
    with pytest.raises(UserError, match=r"no office2_mesh\.ply.*nice-slam"):
        load_dataset("replica", replica, {})


@pytest.fixture
def own(tmp_path):
    folder, made = tmp_path / "recordings", recording(count=2)
    writers.scannet(folder / "kitchen", made)
    writers.arkit(_new(folder / "41069021"), made)
    write_text(folder / "notes.txt", "not a scene")
    (folder / "empty").mkdir()
    return folder


def test_own_scenes_of_any_layout_are_asked_for_what_the_user_says(own):
    dataset = load_dataset("posed_rgbd", own, {"phrases": "red mug; chair"})
    assert [sample.id for sample in dataset.samples] == ["41069021", "kitchen"]
    assert dataset.samples[1].phrases == ("red mug", "chair")
    assert dataset.samples[1].class_ids == (1, 2)
    (alone,) = load_dataset("posed_rgbd", own / "kitchen", {"labels": "scannet200"}).samples
    assert (alone.id, len(alone.phrases)) == ("kitchen", 198)


def test_own_scenes_are_scored_with_a_truth_of_the_users(own, tmp_path):
    ids = np.zeros(len(recording(count=1).points), dtype=int)
    ids[:500], ids[500:800] = 2001, 1001
    for name in ("41069021", "kitchen"):
        write_text(own / "truth" / f"{name}.txt", *ids)
    chosen = {"labels": "scannet200", "truth": "truth"}
    dataset = load_dataset("posed_rgbd", own, chosen)
    truth, answer = dataset.truth(tmp_path), scannet_lists(dataset, tmp_path / "answer")
    assert truth == own / "truth"
    assert score("scannet_instances", truth, answer, dataset.metric_options)["AP"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "phrases or labels must be chosen"),
        ({"phrases": "mug", "labels": "scannet"}, "phrases or labels must be chosen"),
        ({"phrases": "mug", "truth": "nowhere"}, "2 of 2 scenes are missing"),
    ],
)
def test_wrong_options_are_answered(options, message, own):
    with pytest.raises(UserError, match=message):
        load_dataset("posed_rgbd", own, options)


def test_what_is_missing_is_answered(own, tmp_path):
    with pytest.raises(UserError, match="41069021: has no truth"):
        load_dataset("posed_rgbd", own, {"phrases": "mug"}).truth(tmp_path)
    (own / "kitchen" / "kitchen_vh_clean_2.ply").unlink()
    with pytest.raises(UserError, match="has no point cloud"):
        load_dataset("posed_rgbd", own, {"phrases": "mug"})
    with pytest.raises(UserError, match="not a posed RGB-D scene"):
        load_dataset("posed_rgbd", own / "empty", {"phrases": "mug"})


def test_broken_files_of_replica_are_read_or_refused(replica):
    fuzz_dataset("replica", replica, "office0_mesh.ply", "office_0/habitat/*")


def test_broken_files_of_own_scenes_are_read_or_refused(own):
    ids = np.repeat([2001, 0], [500, len(recording(count=1).points) - 500])
    for name in ("41069021", "kitchen"):
        write_text(own / "truth" / f"{name}.txt", *ids)
    chosen = {"labels": "scannet200", "truth": "truth"}
    fuzz_dataset("posed_rgbd", own, "truth/*", "kitchen/*.ply", **chosen)
