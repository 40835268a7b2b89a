"""Pascal Context is read from each of its published truths, with 59, 60 and 459 classes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco_mask
from scipy.io import savemat

from openseg.types.errors import UserError
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.truth_as_answer import (
    asked,
    label_maps,
    write_json,
    write_labels,
    write_picture,
    write_text,
)

# The numbers of the 59 among the 459, as mmsegmentation's converter lists them.
# fmt: off
NUMBERS = [
    2, 9, 18, 19, 22, 23, 25, 31, 33, 34, 44, 45, 46, 59, 65, 68, 72, 80, 85, 98, 104, 105, 113,
    115, 144, 158, 159, 162, 187, 189, 207, 220, 232, 258, 259, 260, 284, 295, 296, 308, 324, 326,
    347, 349, 354, 355, 360, 366, 368, 397, 415, 416, 420, 424, 427, 440, 445, 454, 458,
]
# fmt: on
AEROPLANE, BIRD, TABLE, WOOL = 2, 25, 397, 459
STEMS = ["2008_1", "2008_2"]


def region(rows):
    mask = coco_mask.encode(np.asfortranarray(np.array(rows, dtype=np.uint8)))
    return {"size": mask["size"], "counts": mask["counts"].decode()}


@pytest.fixture
def folder(tmp_path):
    voc = tmp_path / "VOC2010"
    for stem in [*STEMS, "2008_3"]:
        write_picture(voc / f"JPEGImages/{stem}.jpg", 2, 3)
    write_text(voc / "ImageSets/Main/val.txt", *STEMS)
    images = [
        {"image_id": 20081 + n, "file_name": f"2008_{n + 1}.jpg", "height": 2, "width": 3}
        for n in range(3)
    ]
    for image, phase in zip(images, ["val", "val", "train"], strict=True):
        image["phase"] = phase
    regions = [
        (20081, AEROPLANE, [[1, 1, 1], [0, 0, 0]]),
        (20081, BIRD, [[0, 1, 0], [0, 1, 0]]),  # over the aeroplane: the later region stays
        (20082, TABLE, [[0, 0, 0], [1, 1, 1]]),
        (20083, BIRD, [[1, 1, 1], [1, 1, 1]]),
    ]
    write_json(
        voc / "trainval_merged.json",
        {
            "images": images,
            "annos_segmentation": [
                {"id": n, "image_id": image, "category_id": kind, "segmentation": region(rows)}
                for n, (image, kind, rows) in enumerate(regions)
            ],
        },
    )
    (voc / "trainval").mkdir()
    maps = [[[AEROPLANE, BIRD, WOOL], [0, BIRD, 0]], [[WOOL, WOOL, 0], [TABLE] * 3]]
    for stem, rows in zip(STEMS, maps, strict=True):
        savemat(voc / f"trainval/{stem}.mat", {"LabelMap": np.array(rows, dtype=np.uint16)})
    return voc


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, [["aeroplane", "bird"], ["table"]]),
        ({"classes": "60"}, [["aeroplane", "background", "bird"], ["background", "table"]]),
        ({"truth": "mat"}, [["aeroplane", "bird"], ["table"]]),
        ({"classes": "459"}, [["aeroplane", "bird", "wool"], ["table", "wool"]]),
    ],
)
def test_the_truth_as_prediction_scores_100(folder, tmp_path, options, words):
    dataset = load_dataset("pascal_context", folder, options)
    assert [asked(one) for one in dataset.samples] == words
    assert len(dataset.samples[0].phrases) == int(options.get("classes", "59"))
    truth = dataset.truth(tmp_path / "work")
    found = score("semantic", truth, label_maps(dataset, tmp_path / "pred"), dataset.metric_options)
    assert (found["mIoU"], found["images"]) == (100, 2)
    assert found["classes_averaged"] == len({one for words in words for one in words})


def test_maps_are_numbered_as_mmsegmentation_numbers_them(folder, tmp_path):
    truth = load_dataset("pascal_context", folder, {}).truth(tmp_path)
    first = np.asarray(Image.open(truth / "2008_1.png"))
    aeroplane, bird = 1 + NUMBERS.index(AEROPLANE), 1 + NUMBERS.index(BIRD)
    assert first.tolist() == [[aeroplane, bird, aeroplane], [0, bird, 0]]


def test_every_class_of_the_59_has_its_number_among_the_459(folder, tmp_path):
    numbers = np.array([[0, *NUMBERS, 1, WOOL]], dtype=np.uint16)
    write_picture(folder / "JPEGImages/2008_1.jpg", *numbers.shape)
    savemat(folder / "trainval/2008_1.mat", {"LabelMap": numbers})
    truth = load_dataset("pascal_context", folder, {"truth": "mat"}).truth(tmp_path)
    found = np.asarray(Image.open(truth / "2008_1.png"))
    assert found.tolist() == [[*range(60), 0, 0]]


def test_maps_converted_by_mmsegmentation_are_scored_as_they_are(folder, tmp_path):
    for stem in STEMS:
        write_labels(folder / f"SegmentationClassContext/{stem}.png", [[0, 59, 7], [7, 7, 7]])
    write_text(folder / "ImageSets/SegmentationContext/val.txt", *STEMS)
    dataset = load_dataset("pascal_context", folder, {"truth": "png"})
    assert asked(dataset.samples[0]) == ["bird", "wood"]
    assert dataset.truth(tmp_path) == folder / "SegmentationClassContext"


def test_a_conversion_goes_on_where_it_stopped(folder, tmp_path):
    dataset = load_dataset("pascal_context", folder, {"truth": "mat"})
    truth = dataset.truth(tmp_path)
    kept = (truth / "2008_1.png").stat().st_mtime_ns
    (truth / "2008_2.png").unlink()
    assert dataset.truth(tmp_path) == truth
    assert (truth / "2008_1.png").stat().st_mtime_ns == kept
    assert (truth / "2008_2.png").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"not matlab", "2008_1.mat: cannot be decoded"), (None, "2008_1.mat: holds no LabelMap")],
)
def test_broken_maps_are_named(folder, tmp_path, content, message):
    path = folder / "trainval/2008_1.mat"
    if content is None:
        savemat(path, {"Other": 1})
    else:
        path.write_bytes(content)
    dataset = load_dataset("pascal_context", folder, {"truth": "mat"})
    with pytest.raises(UserError, match=message):
        dataset.truth(tmp_path)
    assert not list(tmp_path.glob("pascal_context*/*.png"))


def test_a_truncated_matlab_file_is_named(folder):
    path = folder / "trainval/2008_1.mat"
    savemat(path, {"LabelMap": np.ones((2, 3), dtype=np.uint16)}, do_compression=True)
    path.write_bytes(path.read_bytes()[:-8])
    dataset = load_dataset("pascal_context", folder, {"classes": "459"})
    with pytest.raises(UserError, match=r"2008_1\.mat: cannot be decoded"):
        dataset.samples[0].targets()


def test_another_version_of_the_json_is_refused(folder):
    content = (folder / "trainval_merged.json").read_text()
    (folder / "trainval_merged.json").write_text(
        content.replace('"category_id": 25', '"category_id": 1')
    )
    dataset = load_dataset("pascal_context", folder, {})
    with pytest.raises(UserError, match="category 1 is not one of the 59 classes"):
        dataset.samples[0].targets()
    (folder / "trainval_merged.json").write_text(content[:100])
    with pytest.raises(UserError, match="is cut short"):
        load_dataset("pascal_context", folder, {})


def test_459_classes_are_only_in_the_matlab_files(folder):
    with pytest.raises(UserError, match="truth=png has no 459 classes"):
        load_dataset("pascal_context", folder, {"classes": "459", "truth": "png"})


def test_broken_files_are_read_or_refused(folder):
    fuzz_dataset("pascal_context", folder)
