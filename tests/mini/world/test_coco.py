"""A split written as COCO opens in pycocotools and says what the scenes hold."""

import json

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from openseg.mini.world import CATEGORIES, Renderer, held_out, sample, write_coco
from openseg.types.errors import UserError

pytest.importorskip("pyvista")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("coco")
    write_coco("test_unseen", 3, out, width=96, height=80)
    return out


def test_pycocotools_reads_the_instances(folder):
    truth = COCO(str(folder / "instances.json"))
    assert sorted(truth.getImgIds()) == [0, 1, 2]
    assert sorted(truth.getCatIds()) == sorted(c.scannet200_id for c in CATEGORIES)
    renderer = Renderer(96, 80)
    for image_id in truth.getImgIds():
        scene, view = sample("test_unseen", image_id, renderer)
        entry = truth.loadImgs(image_id)[0]
        picture = np.asarray(Image.open(folder / "images" / entry["file_name"]))
        assert np.array_equal(picture, view.image)
        assert (entry["width"], entry["height"]) == (96, 80)
        found = truth.loadAnns(truth.getAnnIds(imgIds=[image_id]))
        assert len(found) == len(scene.things)
        for annotation, thing in zip(found, scene.things, strict=True):
            mask = truth.annToMask(annotation)
            assert np.array_equal(mask == 1, view.ids == thing.id)
            assert annotation["area"] == mask.sum()
            assert annotation["bbox"] == coco_mask.toBbox(annotation["segmentation"]).tolist()
            assert annotation["colour"] == thing.colour
    renderer.close()


def test_annotations_count_from_one(folder):
    instances = json.loads((folder / "instances.json").read_text("utf-8"))
    ids = [a["id"] for a in instances["annotations"]]
    assert ids == list(range(1, len(ids) + 1))


def test_phrases_point_at_annotations_of_their_picture(folder):
    truth = COCO(str(folder / "instances.json"))
    names = {c["id"]: c["name"] for c in truth.dataset["categories"]}
    sentences = json.loads((folder / "phrases.json").read_text("utf-8"))
    absent = [s for s in sentences if not s["ann_ids"]]
    assert len(absent) == 12
    for sentence in sentences:
        for annotation in truth.loadAnns(sentence["ann_ids"]):
            assert annotation["image_id"] == sentence["image_id"]
    for annotation in truth.dataset["annotations"]:
        text = f"the {annotation['colour']} {names[annotation['category_id']]}"
        assert {
            "image_id": annotation["image_id"], "phrase": text, "ann_ids": [annotation["id"]],
        } in sentences  # fmt: skip
    for image_id in truth.getImgIds():
        found = truth.loadAnns(truth.getAnnIds(imgIds=[image_id]))
        assert any(held_out(a["colour"], names[a["category_id"]]) for a in found)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("testing", 1), "no split 'testing'"),
        (("val", 0), "n is 0"),
        (("val", 1, 0, 64), "width is 0"),
    ],
)
def test_impossible_requests_are_refused_before_anything_is_written(arguments, said, tmp_path):
    split, n, *size = arguments
    with pytest.raises(UserError, match=said):
        write_coco(split, n, tmp_path / "out", *size)
    assert not (tmp_path / "out").exists()


def test_an_unwritable_folder_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="file"):
        write_coco("val", 1, tmp_path / "file" / "out")
