"""RefCOCO's files become samples in the order of images, and the truth scores 100."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from openseg.types.errors import InputError, UserError
from openseg_evals import rle
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.datasets.expressions import (
    HEIGHT,
    WIDTH,
    annotation,
    answers,
    box,
    ref,
    sentence,
    write_instances,
    write_pickle,
    write_pictures,
)

IMAGES = (7, 3)
ANNOTATIONS = [
    annotation(1, 7, [box(2, 2, 12, 12)], 100.0),
    annotation(2, 7, [box(20, 2, 60, 42), box(30, 2, 70, 22)], 2000.0, category=2),
    annotation(3, 3, [box(0, 0, 79, 59)], 96.0**2, category=2),
]
REFS = [
    ref(10, 7, 1, "testA", sentence(0, "The red Cup."), sentence(1, "cup at the very left side")),
    ref(11, 3, 3, "testA", sentence(2, "man", tags={"pair": "seen", "count": 3})),
    ref(12, 7, 2, "testAB", sentence(3, "person who stands in the middle of the room")),
    ref(13, 7, 2, "testA"),
    ref(14, 3, 3, "val", sentence(4, "him")),
]


@pytest.fixture
def folder(tmp_path):
    """`refer/data` with the refs of two authors."""
    here = tmp_path / "refcoco"
    write_pickle(here / "refs(unc).p", REFS)
    write_pickle(here / "refs(google).p", REFS[:1])
    write_instances(here, IMAGES, ANNOTATIONS)
    write_pictures(tmp_path / "images/mscoco/images/train2014", IMAGES)
    return here


def load(folder, split="testA", **more):
    return load_dataset("refcoco", folder, {"by": "unc", "split": split, **more})


def test_sentences_of_an_image_are_neighbours(folder):
    samples = load(folder).samples
    assert [one.id for one in samples] == ["10-0", "10-1", "12-3", "11-2"]
    assert [one.unit for one in samples] == ["0", "1", "3", "2"]
    assert samples[0].phrases == ("The red Cup.",)
    assert samples[0].key == {"ref_id": 10, "sent_id": 0}
    assert samples[0].image.samefile(folder.parent / "images/mscoco/images/train2014/7.jpg")
    assert {one.size for one in samples} == {(HEIGHT, WIDTH)}


def test_tags_say_size_category_length_and_what_the_sentence_says_of_itself(folder):
    first, long, middle, other = [dict(one.tags) for one in load(folder).samples]
    assert first == {"size": "small", "category": "cup", "words": "1-3"}
    assert long["words"] == "4-6"
    assert (middle["size"], middle["words"]) == ("medium", "7+")
    assert other == {"size": "large", "category": "person", "words": "1-3", "pair": "seen"}


def test_the_target_is_the_union_of_its_polygons(folder):
    [target] = load(folder).samples[2].targets()
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[2:42, 20:60] = expected[2:22, 30:70] = True
    assert np.array_equal(rle.decode(target.mask), expected)


@pytest.mark.parametrize(
    ("split", "count"), [("testA", 4), ("testB", 1), ("test", 4), ("val", 1), ("all", 5)]
)
def test_splits_follow_the_official_reader(folder, split, count):
    assert len(load(folder, split).samples) == count


@pytest.mark.parametrize("split", ["testA", "testB", "val", "all"])
def test_the_truth_scores_100(folder, split, tmp_path):
    dataset = load(folder, split)
    found = score(
        "referring",
        dataset.truth(tmp_path / "work"),
        answers(dataset, tmp_path / "answers.jsonl"),
        {**dataset.metric_options, "truth": "union"},
    )
    assert found["oIoU"] == found["mIoU"] == found["P@0.9"] == 100
    assert found["samples"] == len(dataset.samples)
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("text", "asked"),
    [("raw", "The red Cup."), ("lower", "the red cup."), ("sent", "the red cup")],
)
def test_the_text_can_be_raw_lower_or_cleaned(folder, text, asked):
    assert load(folder, text=text).samples[0].phrases == (asked,)


@pytest.mark.parametrize("place", ["../train2014", "train2014", "images"])
def test_pictures_may_lie_elsewhere(folder, place):
    (folder.parent / "images/mscoco/images/train2014").rename(folder.parent / "moved")
    (folder / place).parent.mkdir(exist_ok=True)
    (folder.parent / "moved").rename(folder / place)
    assert load(folder).samples[0].image.is_file()


def test_several_refs_files_want_a_choice(folder):
    with pytest.raises(InputError, match=r"choose by=google or by=unc"):
        load(folder, by="")
    (folder / "refs(google).p").unlink()
    assert load(folder, by="").samples


def test_what_is_missing_is_named_with_its_place_and_source(folder):
    with pytest.raises(InputError, match=r"refcoco: there is no refs\(umd\)\.p .*lichengunc/refer"):
        load(folder, by="umd")
    (folder.parent / "images/mscoco/images/train2014/3.jpg").unlink()
    with pytest.raises(InputError, match=r"train2014: 1 of 2 pictures are missing: 3\.jpg .*cocod"):
        load(folder)
    (folder / "instances.json").unlink()
    with pytest.raises(InputError, match=r"there is no instances\.json"):
        load(folder)


def test_a_truncated_file_is_named(folder):
    file = folder / "instances.json"
    file.write_text(file.read_text()[:100])
    with pytest.raises(InputError, match=r"instances\.json: is cut short after 100 bytes"):
        load(folder)


def test_refs_of_grefcoco_are_refused(folder):
    write_pickle(folder / "refs(unc).p", [ref(10, 7, [-1], "testA", sentence(0, "no one"))])
    with pytest.raises(InputError, match="ref_id 10 has 0 targets"):
        load(folder)


def test_unknown_options_and_splits_are_named(folder):
    with pytest.raises(UserError, match=r"has no option 'spilt' \(did you mean 'split'"):
        load(folder, spilt="val")
    with pytest.raises(InputError, match=r"no split 'testC' \(its splits are: testA, testAB, val"):
        load(folder, "testC")


def test_masks_are_read_when_they_are_asked_for(folder):
    file = folder / "instances.json"
    content = json.loads(file.read_text())
    content["annotations"][0]["segmentation"] = [[1, 2, 3, 4, 5]]
    file.write_text(json.dumps(content))
    samples = load(folder).samples
    with pytest.raises(InputError, match=r"annotation 1: holds a broken polygon"):
        samples[0].targets()
    assert samples[3].targets()


def test_pictures_open(folder):
    with Image.open(load(folder).samples[0].image) as picture:
        assert picture.size == (WIDTH, HEIGHT)


def test_broken_files_are_read_or_refused(folder):
    fuzz_dataset("refcoco", folder, by="unc", split="testA")
