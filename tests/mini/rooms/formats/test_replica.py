"""Rooms as Replica scenes: our readers take them, and the mesh names the objects of the truth."""

from __future__ import annotations

import json

import numpy as np
import pytest

from openseg.api.scenes.check import check_scene
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.datasets.replica import vertex_ids
from openseg_evals.formats.label_sets import LABEL_SETS
from openseg_evals.formats.scannet import read_integers
from openseg_evals.score.registry import score
from tests.evals.dataset_kinds.answers import scannet_lists


@pytest.fixture(scope="module")
def home(replica):
    return next(path.parent for path in replica.glob("*/traj.txt"))


def test_the_scene_is_right_by_our_own_check(home):
    found = check_scene(home)
    assert (found.ok, found.layout, found.left_out) == (True, "replica", 0)
    assert found.share > 0.8
    assert found.covered > 0.9


def test_objects_of_faces_give_the_truth(replica, home):
    habitat = home / "habitat"
    made = vertex_ids(habitat / "info_semantic.json", habitat / "mesh_semantic.ply")
    assert np.array_equal(made, read_integers(replica / f"gt/{home.name}.txt"))


def test_classes_are_replicas(home):
    info = json.loads((home / "habitat/info_semantic.json").read_text())
    names = {one["id"]: one["name"] for one in info["classes"]}
    known = {key: name for key, name in LABEL_SETS["replica"].names.items() if key in names}
    assert len(known) >= 3
    assert {key: names[key] for key in known} == known
    for one in info["objects"]:
        assert names[one["class_id"]] == one["class_name"]
        assert info["id_to_label"][one["id"]] == one["class_id"]


def test_the_truth_as_answer_is_perfect(replica, tmp_path):
    dataset = load_dataset("posed_rgbd", replica, {"labels": "replica", "truth": "gt"})
    found = score(
        "scannet_instances",
        dataset.truth(tmp_path / "work"),
        scannet_lists(dataset, tmp_path / "answers"),
        dataset.metric_options,
    )
    assert found["AP"] == 1
