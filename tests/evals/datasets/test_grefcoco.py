"""gRefCOCO's files: several targets, crowds, no target; the truth scores 100."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from openseg.types.errors import InputError
from openseg_evals import rle
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.datasets.expressions import (
    annotation,
    answers,
    box,
    ref,
    sentence,
    write_instances,
    write_pictures,
)
from tests.evals.truth_as_answer import write_json

IMAGES = (1, 2)
ANNOTATIONS = [
    annotation(1, 1, [box(2, 2, 12, 12)], 100.0),
    annotation(2, 1, [box(8, 2, 40, 30), [1, 2, 3, 4]], 800.0),
    annotation(3, 1, {"size": [60, 80], "counts": [0, 60 * 80]}, 4800.0, crowd=1),
    annotation(4, 2, [box(0, 0, 30, 30)], 900.0),
]
REFS = [
    ref(0, 1, [1, 2, 3], "val", sentence(0, "both cups"), sentence(1, "the cups")),
    ref(1, 2, [-1], "val", sentence(2, "a dog")),
    ref(2, 1, [1], "val", sentence(3, "the left cup")),
    ref(3, 2, 4, "testA", sentence(4, "the cup")),
    ref(4, 2, [4], "testA"),
]
PHOTOS = Path(os.environ.get("OPENSEG_TEST_PHOTOS", "no such folder")) / "refcocos"


@pytest.fixture
def folder(tmp_path):
    here = tmp_path / "grefcoco"
    write_json(here / "grefs(unc).json", REFS)
    write_instances(here, IMAGES, ANNOTATIONS)
    write_pictures(here / "images", IMAGES)
    return here


def test_a_target_for_each_object_and_none_for_crowds(folder):
    samples = load_dataset("grefcoco", folder, {}).samples
    assert [one.id for one in samples] == ["0-0", "0-1", "2-3", "1-2"]
    assert [len(one.targets()) for one in samples] == [2, 2, 1, 0]
    assert [one.tags["targets"] for one in samples] == ["several", "several", "one", "none"]
    first = samples[0].targets()
    assert [rle.area(one.mask) for one in first] == [100, 32 * 28]
    assert {one.phrase for one in first} == {0}


@pytest.mark.parametrize(("split", "samples"), [("val", 4), ("testA", 1), ("all", 5)])
def test_the_truth_scores_100(folder, split, samples, tmp_path):
    dataset = load_dataset("grefcoco", folder, {"split": split})
    found = score(
        "generalized_referring",
        dataset.truth(tmp_path),
        answers(dataset, tmp_path / "answers.jsonl"),
        dataset.metric_options,
    )
    assert found["samples"] == len(dataset.samples) == samples
    assert found["gIoU"] == found["cIoU"] == found["Pr@0.9"] == 100
    assert found["T_acc"] == (0 if split == "testA" else 1)  # officially 0 without no-target


def test_a_missing_refs_file_says_where_to_get_it(folder):
    (folder / "grefs(unc).json").unlink()
    with pytest.raises(InputError, match=r"grefcoco: there is no grefs\(.*FudanCVL/gRefCOCO"):
        load_dataset("grefcoco", folder, {})


def test_a_truncated_refs_file_is_named(folder):
    file = folder / "grefs(unc).json"
    file.write_text(file.read_text()[:-40])
    with pytest.raises(InputError, match=r"grefs\(unc\)\.json: is cut short"):
        load_dataset("grefcoco", folder, {})


@pytest.mark.skipif(not PHOTOS.is_dir(), reason="OPENSEG_TEST_PHOTOS names no folder of photos")
def test_real_photos_with_human_sentences(tmp_path):
    entries = json.loads((PHOTOS / "expressions.json").read_text())
    names = sorted({one["file_name"] for one in entries})
    sizes = {one["file_name"]: (one["height"], one["width"]) for one in entries}
    annotations, refs = [], []
    for number, one in enumerate(entries):
        image, corners = names.index(one["file_name"]), one["box_xyxy"]
        if corners:
            annotations.append(annotation(number + 1, image, [box(*corners)], 1.0))
        target = [number + 1] if corners else [-1]
        refs.append(ref(number, image, target, "val", sentence(number, one["sentence"])))
    write_json(tmp_path / "grefs(unc).json", refs)
    images = [
        {"id": k, "file_name": name, "height": sizes[name][0], "width": sizes[name][1]}
        for k, name in enumerate(names)
    ]
    content = {"images": images, "annotations": annotations, "categories": []}
    write_json(tmp_path / "instances.json", content)
    (tmp_path / "images").symlink_to(PHOTOS)
    dataset = load_dataset("grefcoco", tmp_path, {})
    assert sum(not one.targets() for one in dataset.samples) == 5
    found = score(
        "generalized_referring",
        dataset.truth(tmp_path),
        answers(dataset, tmp_path / "answers.jsonl"),
        dataset.metric_options,
    )
    assert found["gIoU"] == found["cIoU"] == 100
    assert found["samples"] == 22


def test_broken_files_are_read_or_refused(folder):
    fuzz_dataset("grefcoco", folder)
