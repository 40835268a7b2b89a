"""PhraseCut: polygons of several instances, pictures in several folders, converted truth."""

from __future__ import annotations

import json

import numpy as np
import pytest

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.datasets.expressions import answers
from tests.evals.truth_as_answer import write_json, write_picture

LEFT = [[2.9, 3.2], [10.9, 3.2], [10.9, 8.7], [2.9, 8.7]]
OVER = [[8.0, 3.0], [14.0, 3.0], [14.0, 8.0], [8.0, 8.0]]
RIGHT = [[20, 20], [29, 20], [29, 25], [20, 25]]
POINT = [[30.0, 30.0]]


def task(number, image, phrase, polygons, kind="attribute"):
    return {
        "task_id": f"{image}__{number}",
        "image_id": image,
        "ann_ids": [number],
        "phrase": phrase,
        "phrase_structure": {"name": "cup", "attributes": [], "type": kind},
        "instance_boxes": [[0, 0, 1, 1] for _ in polygons],
        "Polygons": polygons,
    }


@pytest.fixture
def folder(tmp_path):
    val = [
        task(1, 5, "red cup", [[LEFT, OVER, POINT], [RIGHT]]),
        task(2, 9, "sky", [[RIGHT]], "name"),
        task(3, 5, "a cup that stands right of the red one", [[RIGHT]] * 5, "relation"),
    ]
    write_json(tmp_path / "refer_val.json", val)
    write_json(tmp_path / "refer_miniv.json", [task(4, 12, "dog", [[LEFT]])])
    sizes = [
        {"image_id": one, "height": 40, "width": 50, "split": "val"} for one in (5, 9, 12, 100)
    ]
    write_json(tmp_path / "image_data_split.json", sizes)
    write_picture(tmp_path / "VG_100K/5.jpg", 40, 50)
    write_picture(tmp_path / "VG_100K_2/9.jpg", 40, 50)
    write_picture(tmp_path / "VG_100K_2/12.jpg", 40, 50)
    return tmp_path


def test_tasks_of_an_image_are_neighbours(folder):
    samples = load_dataset("phrasecut", folder, {}).samples
    assert [one.id for one in samples] == ["5__1", "5__3", "9__2"]
    assert samples[1].key == {"ref_id": 3, "sent_id": 3, "task_id": "5__3"}
    assert [one.image.parent.name for one in samples] == ["VG_100K", "VG_100K", "VG_100K_2"]
    assert samples[0].tags == {"instances": "multi", "words": "1-3", "structure": "attribute"}
    assert samples[1].tags == {"instances": "many", "words": "7+", "structure": "relation"}


def test_a_target_for_each_instance_drawn_on_whole_pixels_with_its_outline(folder):
    first, second = load_dataset("phrasecut", folder, {}).samples[0].targets()
    expected = np.zeros((40, 50), bool)
    expected[3:9, 2:11] = expected[3:9, 8:15] = True
    assert np.array_equal(rle.decode(first.mask), expected)
    assert rle.area(second.mask) == 10 * 6


@pytest.mark.parametrize(("split", "count"), [("val", 3), ("miniv", 1), ("val_miniv", 4)])
@pytest.mark.parametrize("truth", ["single", "union"])
def test_the_truth_scores_100(folder, split, count, truth, tmp_path):
    dataset = load_dataset("phrasecut", folder, {"split": split})
    found = score(
        "referring",
        dataset.truth(tmp_path / "work"),
        answers(dataset, tmp_path / "answers.jsonl"),
        {**dataset.metric_options, "truth": truth},
    )
    assert found["oIoU"] == found["mIoU"] == found["P@0.9"] == 100
    assert found["samples"] == count


def test_the_converted_truth_names_the_official_tasks_and_is_written_once(folder, tmp_path):
    dataset = load_dataset("phrasecut", folder, {})
    file = dataset.truth(tmp_path / "work")
    written = file.stat().st_mtime_ns
    refs = json.loads(file.read_text())
    tasks = [one["task_id"] for entry in refs for one in entry["sentences"]]
    assert tasks == ["5__1", "9__2", "5__3"]
    assert dataset.truth(tmp_path / "work").stat().st_mtime_ns == written


def test_missing_files_are_named(folder):
    with pytest.raises(InputError, match=r"there is no refer_test\.json .*PhraseCutDataset"):
        load_dataset("phrasecut", folder, {"split": "test"})
    (folder / "VG_100K_2/9.jpg").unlink()
    with pytest.raises(InputError, match=r"1 of 2 pictures are missing: 9\.jpg"):
        load_dataset("phrasecut", folder, {})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"Polygons": [[[1, 2, 3]]]}, r"refer_val\.json entry 0: a corner is a int"),
        ({"Polygons": [[[[1, 2, 3]]]]}, r"entry 0: holds a broken polygon"),
        ({"Polygons": [[[[1, None]]]]}, r"entry 0: a corner is None"),
    ],
)
def test_broken_polygons_are_named(folder, change, message):
    file = folder / "refer_val.json"
    entries = json.loads(file.read_text())
    entries[0] |= change
    write_json(file, entries)
    with pytest.raises(InputError, match=message):
        load_dataset("phrasecut", folder, {}).samples[0].targets()


def test_files_that_do_not_fit_together_are_refused(folder):
    write_json(folder / "image_data_split.json", [{"image_id": 5, "height": 4, "width": 5}])
    with pytest.raises(InputError, match=r"image_data_split\.json: lacks 1 images .*: 9"):
        load_dataset("phrasecut", folder, {})
    write_json(folder / "refer_val.json", [task(1, 5, "cup", []), task(1, 5, "cup", [])])
    with pytest.raises(InputError, match=r"entry 1: task_id 5__1 occurs a second time"):
        load_dataset("phrasecut", folder, {})
    (folder / "refer_val.json").write_text("[{")
    with pytest.raises(InputError, match=r"refer_val\.json: is"):
        load_dataset("phrasecut", folder, {})


def test_broken_files_are_read_or_refused(folder):
    fuzz_dataset("phrasecut", folder)
