"""The COCO files open in pycocotools and hold the same masks, holes and all."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from openseg.io.coco import coco_dataset, coco_results, write_coco
from tests.io.values import Record, masks_with_holes, record_of

PHRASES = ["rotes Haus", "猫", "the third thing"]


@pytest.fixture
def records():
    masks = masks_with_holes()
    boxes = [(20.1, 10.2, 60.3, 50.4), (0.0, 0.0, 80.0, 60.0), (0.5, 0.5, 79.5, 59.5)]
    return [
        record_of("Bilder/größe.jpg", masks, PHRASES, scores=[0.9, 0.5, 0.25], boxes=boxes),
        Record("cut off.jpg", (0, 0), error="cut off.jpg: damaged"),
        record_of("nothing.png", masks[:0], []),
        record_of("a.png", masks[:1], ["猫"], [1]),
    ]


def test_the_dataset_opens_and_the_masks_are_identical(tmp_path, records):
    write_coco(tmp_path / "out", records)
    coco = COCO(str(tmp_path / "out" / "coco.json"))
    assert sorted(coco.imgs) == [1, 3, 4]
    assert coco.imgs[1] == {"id": 1, "file_name": "Bilder/größe.jpg", "height": 60, "width": 80}
    assert {id_: cat["name"] for id_, cat in coco.cats.items()} == dict(enumerate(PHRASES, 1))
    found = coco.loadAnns(coco.getAnnIds(imgIds=[1]))
    masks = masks_with_holes()
    np.testing.assert_array_equal([coco.annToMask(ann) for ann in found], masks)
    assert [ann["area"] for ann in found] == masks.sum(axis=(1, 2)).tolist()
    assert found[0]["bbox"] == [21, 11, 39, 39]
    assert [ann["score"] for ann in found] == [0.9, 0.5, 0.25]
    assert len({ann["id"] for ann in coco.dataset["annotations"]}) == 4
    assert coco.getAnnIds(imgIds=[3]) == []
    assert coco.getImgIds(catIds=[2]) in ([1, 4], [4, 1])


def test_the_results_load_and_score_perfectly_against_the_dataset(tmp_path, records):
    write_coco(tmp_path, records)
    coco = COCO(str(tmp_path / "coco.json"))
    results = coco.loadRes(str(tmp_path / "coco_results.json"))
    for kind in ("segm", "bbox"):
        evaluation = COCOeval(coco, results, kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        if kind == "segm":
            assert evaluation.stats[0] == 1.0
    np.testing.assert_array_equal(
        [results.annToMask(ann) for ann in results.loadAnns(results.getAnnIds(imgIds=[1]))],
        masks_with_holes(),
    )
    assert results.anns[1]["bbox"] == [20.1, 10.2, 40.2, 40.2]
    assert results.anns[1]["score"] == 0.9


def test_categories_are_the_phrases_of_the_query_in_order(records):
    dataset = coco_dataset(records[3:], PHRASES)
    assert [c["name"] for c in dataset["categories"]] == PHRASES
    assert [c["id"] for c in dataset["categories"]] == [1, 2, 3]
    assert dataset["annotations"][0]["category_id"] == 2


def test_regions_without_words_have_a_category():
    dataset = coco_dataset([record_of("a.png", masks_with_holes()[:2], ["", ""], [0, 0])])
    assert [c["name"] for c in dataset["categories"]] == ["region"]


def test_an_empty_mask_is_kept():
    record = record_of("a.png", np.zeros((1, 4, 5), bool), ["ghost"])
    (annotation,) = coco_dataset([record])["annotations"]
    assert annotation["area"] == 0
    assert annotation["bbox"] == [0, 0, 0, 0]


def test_nothing_found_anywhere(tmp_path, records):
    write_coco(tmp_path, records[1:3], PHRASES)
    coco = COCO(str(tmp_path / "coco.json"))
    assert coco.getAnnIds() == []
    assert coco.getCatIds() == [1, 2, 3]
    assert json.loads((tmp_path / "coco_results.json").read_text()) == []


def test_records_may_come_once(tmp_path, records):
    write_coco(tmp_path, iter(records))
    assert len(json.loads((tmp_path / "coco_results.json").read_text())) == 4
    assert len(coco_results(iter(records))) == 4


def test_files_open_in_any_encoding(tmp_path, records):
    write_coco(tmp_path, records)
    assert (tmp_path / "coco.json").read_bytes().isascii()
