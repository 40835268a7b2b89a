"""COCO's instances, panoptic segments and stuff maps; and files of the mini world's form."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask

from openseg.types.errors import UserError
from openseg_evals import rle
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.truth_as_answer import (
    asked,
    label_maps,
    results,
    write_json,
    write_labels,
    write_picture,
    write_text,
)

HEIGHT, WIDTH = 40, 50
PERSON, CAT, SKY = 1, 17, 187
CATEGORIES = [{"id": PERSON, "name": "person"}, {"id": CAT, "name": "cat"}]


def square(x, y, side):
    return [[x, y, x + side, y, x + side, y + side, x, y + side]]


def crowd(rows):
    """Uncompressed run lengths, as COCO's crowds have them."""
    mask = coco_mask.encode(np.asfortranarray(rows.astype(np.uint8)))
    return {"size": mask["size"], "counts": rle.runs(mask["counts"]).tolist()}


def annotation(number, image, category, segmentation, area, iscrowd=0):
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "segmentation": segmentation,
        "area": area,
        "bbox": [0, 0, 1, 1],
        "iscrowd": iscrowd,
    }


@pytest.fixture
def folder(tmp_path):
    coco = tmp_path / "coco"
    images = []
    for n in (139, 285, 632):
        name = f"{n:012d}.jpg"
        write_picture(coco / f"val2017/{name}", HEIGHT, WIDTH)
        images.append({"id": n, "file_name": name, "height": HEIGHT, "width": WIDTH})
    everywhere = np.ones((HEIGHT, WIDTH))
    annotations = [
        annotation(1, 139, PERSON, square(2, 3, 10), 100),
        annotation(2, 139, CAT, square(8, 0, 38) + square(0, 30, 6), 1480),
        annotation(3, 139, PERSON, crowd(everywhere), 2000, iscrowd=1),
        annotation(4, 632, PERSON, square(20, 20, 12), 144),
    ]
    write_json(
        coco / "annotations/instances_val2017.json",
        {"images": images, "annotations": annotations, "categories": CATEGORIES},
    )
    return coco


def test_every_image_is_asked_for_every_category(folder):
    samples = load_dataset("coco", folder, {}).samples
    assert [one.unit for one in samples] == ["139", "285", "632"]
    assert samples[0].key == {"image_id": 139}
    assert samples[0].size == (HEIGHT, WIDTH)
    assert samples[0].image == folder / "val2017/000000000139.jpg"
    assert (samples[0].phrases, samples[0].class_ids) == (("person", "cat"), (PERSON, CAT))
    assert [asked(one) for one in samples] == [["cat", "person"], [], ["person"]]
    assert [dict(one.tags) for one in samples] == [
        {"objects": "2-4", "sizes": "mixed"},
        {"objects": "0"},
        {"objects": "1", "sizes": "small"},
    ]


def test_a_target_of_several_polygons_is_their_union(folder):
    (cat,) = [
        one
        for one in load_dataset("coco", folder, {}).samples[0].targets()
        if rle.area(one.mask) > 1000
    ]
    assert rle.area(cat.mask) == 38 * 38 + 6 * 6


@pytest.mark.parametrize("metric", ["coco_instances", "boundary_instances"])
def test_the_instances_as_prediction_score_1(folder, tmp_path, metric):
    dataset = load_dataset("coco", folder, {})
    truth = dataset.truth(tmp_path / "work")
    assert truth == folder / "annotations/instances_val2017.json"
    found = score(metric, truth, results(dataset, tmp_path / "r.json"), dataset.metric_options)
    assert found["AP"] == pytest.approx(1)


def test_files_of_ones_own_are_named_by_options(folder, tmp_path):
    """The form of `openseg world make coco`: `instances.json` beside `images`."""
    own = tmp_path / "own"
    own.mkdir()
    (folder / "val2017").rename(own / "images")
    (folder / "annotations/instances_val2017.json").rename(own / "instances.json")
    options = {"split": "test_seen", "annotations": "instances.json", "images": "images"}
    dataset = load_dataset("coco", own, options)
    assert len(dataset.samples) == 3
    assert dataset.truth(tmp_path) == own / "instances.json"


def test_names_of_a_list_keep_the_category_ids(folder, tmp_path):
    write_text(tmp_path / "names.txt", "person, man, woman", "cat")
    sample = load_dataset("coco", folder, {"names": str(tmp_path / "names.txt")}).samples[0]
    assert sample.phrases == ("person", "man", "woman", "cat")
    assert sample.class_ids == (PERSON, PERSON, PERSON, CAT)
    assert asked(sample) == ["cat", "person"]


def write_panoptic(coco):
    categories = [
        {**CATEGORIES[0], "isthing": 1},
        {**CATEGORIES[1], "isthing": 1},
        {"id": SKY, "name": "sky-other-merged", "isthing": 0},
    ]
    ids = np.zeros((HEIGHT, WIDTH), dtype=np.int64)
    ids[:20], ids[20:, :20], ids[20:, 20:30], ids[30:, 40:] = 70_000, 300, 5, 9
    shades = np.stack([ids % 256, ids // 256 % 256, ids // 65536], axis=-1).astype(np.uint8)
    place = coco / "annotations/panoptic_val2017"
    place.mkdir()
    Image.fromarray(shades).save(place / "000000000139.png")
    segments = [
        {"id": one, "category_id": kind, "area": int((ids == one).sum()), "iscrowd": iscrowd}
        for one, kind, iscrowd in [
            (70_000, SKY, 0),
            (300, PERSON, 0),
            (5, CAT, 0),
            (9, PERSON, 1),
        ]
    ]
    write_json(
        coco / "annotations/panoptic_val2017.json",
        {
            "images": [
                {"id": 139, "file_name": "000000000139.jpg", "height": HEIGHT, "width": WIDTH}
            ],
            "annotations": [
                {"image_id": 139, "file_name": "000000000139.png", "segments_info": segments}
            ],
            "categories": categories,
        },
    )
    return ids


def test_panoptic_segments_as_prediction_score_1(folder, tmp_path):
    write_panoptic(folder)
    dataset = load_dataset("coco", folder, {"kind": "panoptic"})
    (sample,) = dataset.samples
    assert sample.stuff == {SKY}
    assert asked(sample) == ["cat", "person", "sky-other-merged"]
    assert sample.tags["objects"] == "2-4"
    ids = np.zeros(sample.size, dtype=np.int64)
    segments = []
    for number, target in enumerate(sample.targets(), start=1):
        ids[rle.decode(target.mask)] = number
        segments.append({"id": number, "category_id": sample.class_ids[target.phrase]})
    place = tmp_path / "panoptic"
    place.mkdir()
    shades = np.stack([ids, 0 * ids, 0 * ids], axis=-1).astype(np.uint8)
    Image.fromarray(shades).save(place / f"{sample.unit}.png")
    entry = {**sample.key, "file_name": f"{sample.unit}.png", "segments_info": segments}
    write_json(tmp_path / "panoptic.json", {"annotations": [entry]})
    truth = dataset.truth(tmp_path / "work")
    found = score("panoptic", truth, tmp_path / "panoptic.json", dataset.metric_options)
    assert found["All"]["pq"] == pytest.approx(1)


def test_panoptic_segments_give_a_map_of_classes(folder, tmp_path):
    ids = write_panoptic(folder)
    dataset = load_dataset("coco", folder, {"kind": "semantic"})
    assert dataset.samples[0].unit == "000000000139"
    assert asked(dataset.samples[0]) == ["cat", "person", "sky-other-merged"]
    truth = dataset.truth(tmp_path / "work")
    labels = np.asarray(Image.open(truth / "000000000139.png"))
    # In the order of the categories, crowds included, void 255: as Mask2Former prepares them.
    expected = np.select([ids == 70_000, ids == 300, ids == 5, ids == 9], [2, 0, 1, 0], 255)
    assert (labels == expected).all()
    found = score("semantic", truth, label_maps(dataset, tmp_path / "p"), dataset.metric_options)
    assert (found["mIoU"], dataset.metric_options["classes"]) == (100, "3")


def test_the_folder_of_segments_is_asked_for(folder):
    write_panoptic(folder)
    (folder / "annotations/panoptic_val2017").rename(folder / "panoptic_val2017")
    with pytest.raises(UserError, match="no folder of segment PNGs"):
        load_dataset("coco", folder, {"kind": "panoptic"})


def test_a_panoptic_file_that_lacks_a_category_or_an_image_is_refused(folder):
    write_panoptic(folder)
    path = folder / "annotations/panoptic_val2017.json"
    content = path.read_text()
    path.write_text(content.replace('"category_id": 17', '"category_id": 18'))
    with pytest.raises(UserError, match="categories 18 are not listed"):
        load_dataset("coco", folder, {"kind": "panoptic"})
    path.write_text(content.replace('"id": 139', '"id": 140'))
    with pytest.raises(UserError, match="images 139 are not listed"):
        load_dataset("coco", folder, {"kind": "semantic"})


def test_stuff_maps_are_numbered_as_the_field_does(folder, tmp_path):
    rows = np.full((HEIGHT, WIDTH), 255)
    rows[:10], rows[10:20], rows[20:30] = 0, 12, 181
    for n in (139, 285):
        write_labels(folder / f"stuffthingmaps/val2017/{n:012d}.png", rows)
    write_labels(folder / "stuffthingmaps/val2017/000000000139_labelTrainIds.png", rows)
    dataset = load_dataset("coco", folder, {"kind": "stuff"})
    sample = dataset.samples[0]
    assert (len(dataset.samples), len(sample.phrases)) == (2, 171)
    assert asked(sample) == ["person", "stop sign", "wood"]
    truth = dataset.truth(tmp_path / "work")
    labels = np.asarray(Image.open(truth / "000000000139.png"))
    assert labels[[0, 10, 20, 30], 0].tolist() == [0, 11, 170, 255]
    found = score("semantic", truth, label_maps(dataset, tmp_path / "p"), dataset.metric_options)
    assert (found["mIoU"], found["classes_averaged"]) == (100, 3)


def test_values_that_are_no_class_of_coco_stuff_are_refused(folder):
    write_labels(folder / "stuffthingmaps/val2017/000000000139.png", np.full((HEIGHT, WIDTH), 11))
    dataset = load_dataset("coco", folder, {"kind": "stuff"})
    with pytest.raises(UserError, match="holds values 11, which are no classes of COCO-Stuff"):
        dataset.samples[0].targets()


def test_missing_and_broken_files_are_named(folder, tmp_path):
    with pytest.raises(UserError, match=r"no val2017 or images/val2017 \(get http"):
        load_dataset("coco", tmp_path, {})
    with pytest.raises(UserError, match="panoptic_annotations_trainval2017"):
        load_dataset("coco", folder, {"kind": "panoptic"})
    with pytest.raises(UserError, match="stuffthingmaps_trainval2017"):
        load_dataset("coco", folder, {"kind": "stuff"})
    path = folder / "annotations/instances_val2017.json"
    content = path.read_text()
    path.write_text(content.replace('"counts": [0, 2000]', '"counts": [0, 1]'))
    assert len(load_dataset("coco", folder, {}).samples) == 3  # crowds are never decoded
    path.write_text(content.replace('"height": 40', '"height": "40"', 1))
    with pytest.raises(UserError, match="image 139: height is '40'"):
        load_dataset("coco", folder, {})
    path.write_text(content[: len(content) // 2])
    with pytest.raises(UserError, match="is cut short"):
        load_dataset("coco", folder, {})
    path.write_text(content)
    (folder / "val2017/000000000285.jpg").unlink()
    with pytest.raises(UserError, match=r"1 of 3 pictures are missing: 000000000285\.jpg"):
        load_dataset("coco", folder, {})


def test_broken_files_are_read_or_refused(folder):
    fuzz_dataset("coco", folder)
