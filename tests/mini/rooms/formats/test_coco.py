"""Stills as COCO: our loaders and pycocotools read them, and the truth as answer is perfect."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.truth_as_answer import label_maps, results
from tests.mini.rooms.formats.conftest import SPLIT, STILL


@pytest.mark.parametrize("kind", ["instances", "parts"])
def test_the_truth_as_answer_is_perfect(kind, coco, tmp_path):
    options = {"split": SPLIT, "annotations": f"annotations/{kind}_{SPLIT}.json"}
    dataset = load_dataset("coco", coco, options)
    assert len(dataset.samples) == 4
    for sample in dataset.samples:
        with Image.open(sample.image) as picture:
            assert picture.size == sample.size == (STILL, STILL)
    truth, answers = dataset.truth(tmp_path), results(dataset, tmp_path / "answers.json")
    assert score("coco_instances", truth, answers, {})["AP"] == pytest.approx(1)


def test_panoptic_truth_as_answer_is_perfect(coco, tmp_path):
    dataset = load_dataset("coco", coco, {"split": SPLIT, "kind": "panoptic"})
    truth = dataset.truth(tmp_path)
    found = score("panoptic", truth, truth, {})
    assert found["All"]["pq"] == found["Stuff"]["pq"] == 1


def test_semantic_truth_as_answer_is_perfect(coco, tmp_path):
    dataset = load_dataset("coco", coco, {"split": SPLIT, "kind": "semantic"})
    truth, answers = dataset.truth(tmp_path / "work"), label_maps(dataset, tmp_path / "answers")
    assert score("semantic", truth, answers, dataset.metric_options)["mIoU"] == 100


def read(coco, name):
    return json.loads((coco / f"annotations/{name}_{SPLIT}.json").read_text())


def test_segments_of_things_are_the_instances(coco):
    instances, panoptic = read(coco, "instances"), read(coco, "panoptic")
    stuff = {one["id"]: one["name"] for one in panoptic["categories"] if not one["isthing"]}
    assert stuff == {1: "wall", 3: "floor", 41: "ceiling"}
    for entry in panoptic["annotations"]:
        picture = np.asarray(
            Image.open(coco / f"annotations/panoptic_{SPLIT}/{entry['file_name']}")
        )
        ids = picture.astype(np.int64) @ [1, 256, 65536]
        drawn = dict(zip(*np.unique(ids, return_counts=True), strict=True))
        assert {one["id"]: one["area"] for one in entry["segments_info"]} == {
            key: count for key, count in drawn.items() if key
        }
        things = [
            (one["category_id"], one["area"])
            for one in entry["segments_info"]
            if one["category_id"] not in stuff
        ]
        image = entry["image_id"]
        assert sorted(things) == sorted(
            (one["category_id"], one["area"])
            for one in instances["annotations"]
            if one["image_id"] == image
        )


def test_parts_tile_their_owners(coco):
    things, parts = (
        COCO(str(coco / f"annotations/{name}_{SPLIT}.json")) for name in ("instances", "parts")
    )
    names = {one["id"]: one["name"] for one in parts.dataset["categories"]}
    owners = {one["id"]: one["name"] for one in things.dataset["categories"]}
    for ann_id, owner in things.anns.items():
        mine = [one for one in parts.anns.values() if one["obj_ann_id"] == ann_id]
        covered = sum(parts.annToMask(one).astype(int) for one in mine)
        assert np.array_equal(covered, things.annToMask(owner))
        for one in mine:
            assert (
                names[one["category_id"]] == f"{one['part']} of the {owners[owner['category_id']]}"
            )
