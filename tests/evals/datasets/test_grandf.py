"""GranD-f: mask k answers phrase k of the caption, masks beyond answer none; the truth scores 1."""

from __future__ import annotations

import json

import numpy as np
import pytest

from openseg.types.errors import InputError, UserError
from openseg_evals import rle
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.truth_as_answer import write_json, write_picture

SIZE = (40, 50)


def mask(x0, x1):
    pixels = np.zeros(SIZE, bool)
    pixels[5:30, x0:x1] = True
    encoding = rle.encode(pixels)
    return {**encoding, "counts": encoding["counts"].decode()}


def annotation(number, image, x0, x1):
    one = {"id": number, "image_id": image, "category_id": 1, "iscrowd": 0}
    return {**one, "area": 25 * (x1 - x0), "bbox": [x0, 5, x1, 25], "segmentation": mask(x0, x1)}


def write(folder, annotations, captions):
    """The official files of the validation split; every image is listed with the captions."""
    names = sorted({one["image_id"] for one in annotations})
    images = [{"id": one, "file_name": f"{one}.jpg", "height": 40, "width": 50} for one in names]
    here = folder / "annotations/val_test"
    write_json(
        here / "val_gcg_coco_mask_gt.json",
        {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "x"}]},
    )
    entries = [
        {"id": number, "image_id": name, "caption": "words", "labels": labels}
        for number, (name, labels) in enumerate(captions.items())
    ]
    write_json(here / "val_gcg_coco_caption_gt.json", {"images": images, "annotations": entries})


@pytest.fixture
def folder(tmp_path):
    here = tmp_path / "GranDf"
    annotations = [
        annotation(1, "sa_2", 0, 10),
        annotation(2, "sa_1", 0, 20),
        annotation(3, "sa_2", 20, 30),
    ]
    write(here, annotations, {"sa_2": ["a red cup", "the table"], "sa_1": ["a dog"]})
    for name in ("sa_1", "sa_2"):
        write_picture(tmp_path / f"GranDf_HA_images/val_test/{name}.jpg", *SIZE)
    return here


def predictions(dataset, folder):
    for sample in dataset.samples:
        found = [
            (
                sample.phrases[one.phrase],
                {**one.mask, "counts": one.mask["counts"].decode()},
            )
            for one in sample.targets()
        ]
        phrases, masks = zip(*found, strict=True)
        answer = {"caption": "", "phrases": phrases, "pred_masks": masks}
        write_json(folder / f"{sample.key['image_id']}.json", {f"{sample.id}.jpg": answer})
    return folder


def test_each_phrase_has_its_mask(folder):
    dog, cup = load_dataset("grandf", folder, {}).samples
    assert (dog.id, dog.phrases, dog.size) == ("sa_1", ("a dog",), SIZE)
    assert cup.phrases == ("a red cup", "the table")
    assert [(one.phrase, rle.area(one.mask)) for one in cup.targets()] == [(0, 250), (1, 250)]
    assert cup.tags == {"phrases": "1-2"}
    assert cup.image.name == "sa_2.jpg"
    assert cup.image.is_file()


def test_the_truth_scores_1(folder, tmp_path):
    dataset = load_dataset("grandf", folder, {"split": "val"})
    found = score(
        "grounded_conversation",
        dataset.truth(tmp_path),
        predictions(dataset, tmp_path / "answers"),
        dataset.metric_options,
    )
    assert [found[name] for name in ("AP50", "mIoU", "Recall")] == pytest.approx([1, 1, 1])


def test_masks_without_a_phrase_are_left_out(folder):
    write(folder, [annotation(1, "sa_1", 0, 9), annotation(2, "sa_1", 9, 20)], {"sa_1": ["dog"]})
    [sample] = load_dataset("grandf", folder, {}).samples
    assert [rle.area(one.mask) for one in sample.targets()] == [9 * 25]


def test_images_without_phrases_are_not_asked(folder):
    write(folder, [annotation(1, "sa_1", 0, 9), annotation(2, "sa_2", 9, 20)], {"sa_1": ["dog"]})
    assert [one.id for one in load_dataset("grandf", folder, {}).samples] == ["sa_1"]


def test_missing_and_truncated_files_are_named(folder):
    with pytest.raises(
        InputError, match=r"no annotations/val_test/test_gcg_coco_mask_gt\.json .*GranD-f"
    ):
        load_dataset("grandf", folder, {"split": "test"})
    with pytest.raises(UserError, match=r"split=train does not exist"):
        load_dataset("grandf", folder, {"split": "train"})
    (folder.parent / "GranDf_HA_images/val_test/sa_1.jpg").unlink()
    with pytest.raises(InputError, match=r"1 of 2 pictures are missing: sa_1\.jpg .*HA_images"):
        load_dataset("grandf", folder, {})
    file = folder / "annotations/val_test/val_gcg_coco_caption_gt.json"
    file.write_text(json.dumps({"images": []})[:-3])
    with pytest.raises(InputError, match=r"caption_gt\.json: is cut short"):
        load_dataset("grandf", folder, {})


def test_broken_files_are_read_or_refused(folder):
    fuzz_dataset("grandf", folder)
