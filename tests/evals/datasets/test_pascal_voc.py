"""Pascal VOC is read from its palette PNGs; background counts only with 21 classes."""

from __future__ import annotations

import pytest

from openseg.types.errors import UserError
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.truth_as_answer import (
    asked,
    label_maps,
    write_labels,
    write_picture,
    write_text,
)

ROWS = {"2007_1": [[0, 255, 1, 1], [0, 255, 15, 15]], "2007_2": [[0, 0, 1, 20], [0, 0, 0, 255]]}


@pytest.fixture
def folder(tmp_path):
    voc = tmp_path / "VOC2012"
    for stem, rows in {**ROWS, "2007_3": [[3, 3, 3, 3]]}.items():
        write_picture(voc / f"JPEGImages/{stem}.jpg", len(rows), 4)
        write_labels(voc / f"SegmentationClass/{stem}.png", rows, palette=True)
    write_text(voc / "ImageSets/Segmentation/val.txt", *ROWS)
    write_text(voc / "ImageSets/Segmentation/train.txt", "2007_3")
    return voc


@pytest.mark.parametrize(
    ("classes", "words"), [("20", ["aeroplane", "person"]), ("21", ["aeroplane", "background"])]
)
def test_targets_are_the_classes_in_a_picture_without_the_void(folder, classes, words):
    dataset = load_dataset("pascal_voc", folder, {"classes": classes})
    first = dataset.samples[0]
    assert [one.id for one in dataset.samples] == list(ROWS)
    assert (first.size, len(first.phrases)) == ((2, 4), int(classes))
    assert set(words) <= set(asked(first))
    assert "background" not in asked(first) or classes == "21"


@pytest.mark.parametrize(("classes", "averaged"), [("20", 3), ("21", 4)])
def test_the_truth_as_prediction_scores_100(folder, tmp_path, classes, averaged):
    dataset = load_dataset("pascal_voc", folder, {"classes": classes})
    truth = dataset.truth(tmp_path / "work")
    assert {one.name for one in truth.iterdir()} == {"2007_1.png", "2007_2.png"}
    found = score("semantic", truth, label_maps(dataset, tmp_path / "pred"), dataset.metric_options)
    assert (found["mIoU"], found["classes_averaged"]) == (100, averaged)
    assert dataset.truth(tmp_path / "work") == truth  # a second time finds the links


def test_background_costs_nothing_with_20_classes(folder, tmp_path):
    dataset = load_dataset("pascal_voc", folder, {"classes": "20"})
    predictions = label_maps(dataset, tmp_path / "pred")
    write_labels(predictions / "2007_2.png", [[7, 7, 1, 20], [7, 7, 7, 7]])
    found = score("semantic", dataset.truth(tmp_path), predictions, dataset.metric_options)
    assert found["mIoU"] == 100


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": "19"}, "choose 20 or 21"),
        ({"clases": "20"}, "did you mean 'classes'"),
        ({"split": "test"}, "there is no ImageSets/Segmentation/test.txt"),
    ],
)
def test_wrong_options_are_explained(folder, options, message):
    with pytest.raises(UserError, match=message):
        load_dataset("pascal_voc", folder, options)


def test_missing_and_broken_files_are_named(folder, tmp_path):
    with pytest.raises(UserError, match=r"VOCtrainval_11-May-2012\.tar"):
        load_dataset("pascal_voc", tmp_path / "nothing", {})
    (folder / "SegmentationClass/2007_2.png").write_bytes(b"\x89PNG\r\n")
    dataset = load_dataset("pascal_voc", folder, {})
    with pytest.raises(UserError, match=r"2007_2\.png: cannot be decoded"):
        dataset.samples[1].targets()
    (folder / "JPEGImages/2007_1.jpg").unlink()
    with pytest.raises(UserError, match=r"1 of 2 pictures are missing: 2007_1\.jpg"):
        load_dataset("pascal_voc", folder, {})


def test_a_map_of_another_size_or_data_set_is_refused(folder):
    write_labels(folder / "SegmentationClass/2007_1.png", [[1, 1]], palette=True)
    write_labels(folder / "SegmentationClass/2007_2.png", [[0, 0, 1, 33], [0, 0, 0, 255]])
    first, second = load_dataset("pascal_voc", folder, {}).samples
    with pytest.raises(UserError, match="is 1 x 2, its picture is 2 x 4"):
        first.targets()
    with pytest.raises(UserError, match="holds labels 33, which are not among the classes"):
        second.targets()


def test_an_empty_or_doubled_list_is_refused(folder):
    write_text(folder / "ImageSets/Segmentation/val.txt")
    with pytest.raises(UserError, match=r"val\.txt: is empty"):
        load_dataset("pascal_voc", folder, {})
    write_text(folder / "ImageSets/Segmentation/val.txt", "2007_1", "2007_1")
    with pytest.raises(UserError, match="names 2007_1 twice"):
        load_dataset("pascal_voc", folder, {})


def test_broken_files_are_read_or_refused(folder):
    fuzz_dataset("pascal_voc", folder)
