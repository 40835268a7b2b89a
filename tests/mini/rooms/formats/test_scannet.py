"""Rooms as ScanNet scenes: our readers take them, and frames, cloud and labels agree."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image

from openseg import ops
from openseg.api.scenes.check import check_scene
from openseg.io.scenes.layout import read_scene
from openseg.io.scenes.ply import read_mesh
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.formats.scannet import read_integers
from openseg_evals.score.registry import score
from openseg_evals.upright_boxes import corners_of, upright_box
from tests.evals.dataset_kinds.answers import scannet_lists, vertex_labels
from tests.mini.rooms.formats.conftest import SPLIT

WITHIN = 0.05


@pytest.fixture(scope="module")
def home(scannet):
    [folder] = (scannet / "scans").iterdir()
    return folder


@pytest.fixture(scope="module")
def truth(scannet, home):
    return read_integers(scannet / f"instance_gt/{SPLIT}/{home.name}.txt")


def test_the_scene_is_right_by_our_own_check(home):
    found = check_scene(home)
    assert (found.ok, found.layout, found.left_out) == (True, "scannet", 0)
    assert found.frames >= 24
    assert found.share > 0.85
    assert found.covered > 0.95


def test_projected_labels_are_those_of_the_frames(home, truth):
    """At least 99 of 100 vertices that a frame shows have the frame's object and category."""
    scene = read_scene(home)
    positions = scene.cloud().positions
    shown = instances = labels = 0
    for k in range(len(scene.frames)):
        frame = scene.frames[k]
        seen = ops.geometry.in_picture(positions, frame.depth_camera)
        pixels, far = seen.pixels.numpy(), seen.depth.numpy()
        near = np.abs(frame.depth().numpy().ravel()[pixels] - far) < WITHIN
        mine = truth[seen.points.numpy()[near]]
        maps = (
            np.asarray(Image.open(home / folder / f"{frame.name}.png")).ravel()[pixels[near]]
            for folder in ("instance-filt", "label-filt")
        )
        instances += np.count_nonzero(next(maps) == mine % 1000)
        labels += np.count_nonzero(next(maps) == mine // 1000)
        shown += len(mine)
    assert shown > 100_000
    assert instances / shown > 0.99
    assert labels / shown > 0.99


@pytest.mark.parametrize("labels", ["scannet", "scannet200"])
def test_the_truth_as_answer_is_perfect(labels, scannet, tmp_path):
    dataset = load_dataset("scannet", scannet, {"split": SPLIT, "labels": labels})
    found = score(
        "scannet_instances",
        dataset.truth(tmp_path / "work"),
        scannet_lists(dataset, tmp_path / "answers"),
        dataset.metric_options,
    )
    assert found["AP"] == found["AP50"] == 1
    assert found["scenes"] == 1


def test_semantic_truth_as_answer_is_perfect(scannet, tmp_path):
    dataset = load_dataset("scannet", scannet, {"split": SPLIT, "task": "semantics"})
    answers = vertex_labels(dataset, tmp_path / "answers")
    found = score(
        "scannet_semantics", scannet / f"semantic_gt/{SPLIT}", answers, dataset.metric_options
    )
    assert found["mIoU"] == 1


def test_annotations_give_the_truth_that_is_written(scannet, truth, home, tmp_path):
    """Segments and objects, read by the official rules, are the numbers of `instance_gt`."""
    made = load_dataset("scannet", scannet, {"split": SPLIT}).truth(tmp_path)
    assert np.array_equal(read_integers(made / f"{home.name}.txt"), truth)


def test_segments_are_pieces_of_one_part(home, truth):
    file = home / f"{home.name}_vh_clean_2.0.010000.segs.json"
    segments = np.array(json.loads(file.read_text())["segIndices"])
    labelled = read_mesh(home / f"{home.name}_vh_clean_2.labels.ply")
    parts = labelled.of_vertices["part"]
    pieces = len(np.unique(segments))
    assert len(np.unique(np.stack([segments, truth, parts]), axis=1).T) == pieces
    objects = np.unique(truth)
    assert pieces > 5 * len(objects)
    floor = truth // 1000 == 3
    assert len(np.unique(segments[floor])) < 0.05 * np.count_nonzero(floor)


def test_meshes_name_the_same_vertices(home, truth):
    mesh = read_mesh(home / f"{home.name}_vh_clean_2.ply")
    labelled = read_mesh(home / f"{home.name}_vh_clean_2.labels.ply")
    assert mesh.cloud.positions.equal(labelled.cloud.positions)
    assert set(mesh.of_vertices) == {"alpha"}
    assert len(mesh.cloud) == len(truth)
    assert np.array_equal(np.unique(mesh.faces), np.arange(len(truth)))
    walls = labelled.of_vertices["label"][truth // 1000 == 1]
    assert set(walls) == {1}


def test_the_table_maps_labels_as_scannets_own(scannet):
    """Ids and NYU40 classes as in the table that ScanNet publishes."""
    with (scannet / "scannetv2-labels.combined.tsv").open() as file:
        rows = {row["raw_category"]: row for row in csv.DictReader(file, delimiter="\t")}
    expected = {
        "wall": (1, 1, "wall"), "chair": (2, 5, "chair"), "floor": (3, 2, "floor"),
        "office chair": (10, 5, "chair"), "couch": (6, 6, "sofa"), "shelf": (8, 15, "shelves"),
        "monitor": (19, 40, "otherprop"), "book": (22, 23, "books"),
        "refrigerator": (27, 24, "refridgerator"), "nightstand": (34, 32, "night stand"),
        "stool": (38, 40, "otherprop"), "trash can": (56, 39, "otherfurniture"),
        "ceiling": (41, 22, "ceiling"), "light switch": (232, 38, "otherstructure"),
        "potted plant": (1189, 40, "otherprop"),
    }  # fmt: skip
    for name, (id_, nyu40, nyu40_name) in expected.items():
        row = rows[name]
        assert (int(row["id"]), int(row["nyu40id"]), row["nyu40class"]) == (id_, nyu40, nyu40_name)
    assert int(rows["wall"]["count"]) == 4


def test_parts_have_names(scannet, home, truth):
    with (scannet / "scannetv2-labels.combined.tsv").open() as file:
        names = {
            int(row["id"]): row["raw_category"] for row in csv.DictReader(file, delimiter="\t")
        }
    parts = json.loads((scannet / "parts.json").read_text())
    for file in sorted((home / "part").iterdir())[:5]:
        number, label = (
            np.asarray(Image.open(home / folder / file.name)) for folder in ("part", "label-filt")
        )
        for id_ in np.unique(label):
            assert number[label == id_].max() <= len(parts.get(names[int(id_)], ()))
            assert (number[label == id_].min() > 0) == (names[int(id_)] in parts)


def test_sentences_name_objects(scannet, home):
    aggregation = json.loads((home / f"{home.name}.aggregation.json").read_text())
    names = {group["objectId"]: group["label"] for group in aggregation["segGroups"]}
    said = json.loads((scannet / f"ScanRefer_filtered_{SPLIT}.json").read_text())
    assert len(said) == 12
    for one in said:
        assert one["scene_id"] == home.name
        assert names[int(one["object_id"])].replace(" ", "_") == one["object_name"]
        assert " ".join(one["token"]) == one["description"]
        assert one["tags"]["targets"] == "one"


def test_sentences_are_read_as_scanrefers(scannet, home, truth, tmp_path):
    """The loader finds each sentence's object, and its box as the answer is right."""
    dataset = load_dataset("scanrefer", scannet, {"split": SPLIT})
    positions = read_scene(home).cloud().positions.numpy()
    answers = tmp_path / "answers.jsonl"
    lines = []
    for sample in dataset.samples:
        number = int(sample.key["object_id"]) + 1
        [target] = sample.targets()
        assert np.array_equal(target.vertices, np.flatnonzero(truth % 1000 == number))
        box = corners_of(upright_box(positions[target.vertices], sample.axes))
        lines.append(json.dumps({**sample.key, "bbox": box}))
    answers.write_text("\n".join(lines))
    found = score("scanrefer", dataset.truth(tmp_path), answers, {})
    assert (found["samples"], found["Acc@0.5"]) == (12, 1)
