"""SA-Co's pairs of picture and phrase, with three annotators, absent phrases and crowds."""

from __future__ import annotations

import numpy as np
import pytest
from pycocotools import mask as coco_mask

from openseg.types.errors import UserError
from openseg_evals import rle
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.broken import fuzz_dataset
from tests.evals.truth_as_answer import results, write_json, write_picture


def mask(x, width):
    rows = np.zeros((6, 8), dtype=np.uint8)
    rows[:, x : x + width] = 1
    encoded = coco_mask.encode(np.asfortranarray(rows))
    return {"size": encoded["size"], "counts": encoded["counts"].decode()}


# pair: file, phrase, exhaustive for annotators a, b, c
PAIRS = {
    10: ("1/a.jpeg", "chili", (1, 1, 1)),
    11: ("1/b.jpeg", "the fish ball", (1, 1, 1)),
    12: ("1/a.jpeg", "a spoon", (1, 1, 1)),
    13: ("1/b.jpeg", "rice", (1, 0, 1)),
}


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "b"):
        write_picture(tmp_path / f"images/1/{name}.jpeg", 6, 8)
    for place, annotator in enumerate("abc"):
        masks = [
            (10, mask(0, 2), 0),
            (10, mask(4 + (annotator == "c"), 2), 0),
            (10, mask(0, 8), 1),
        ]
        write_json(
            tmp_path / f"annotations/gold_fg_food_merged_{annotator}_release_test.json",
            {
                "images": [
                    {
                        "id": pair,
                        "file_name": name,
                        "text_input": phrase,
                        "height": 6,
                        "width": 8,
                        "is_instance_exhaustive": exhaustive[place],
                        "is_pixel_exhaustive": 1,
                    }
                    for pair, (name, phrase, exhaustive) in PAIRS.items()
                ],
                "annotations": [
                    {
                        "id": n,
                        "image_id": pair,
                        "segmentation": segmentation,
                        "iscrowd": iscrowd,
                        "category_id": 1,
                        "area": 0.1,
                        "bbox": [0, 0, 0.1, 0.1],
                    }
                    for n, (pair, segmentation, iscrowd) in enumerate(masks, start=1)
                ],
                "categories": [{"id": 1, "name": "object"}],
            },
        )
    return tmp_path


def test_samples_are_the_pairs_that_are_scored_picture_by_picture(folder):
    samples = load_dataset("saco", folder, {}).samples
    assert [one.unit for one in samples] == ["10", "12", "11"]
    assert [one.phrases for one in samples] == [("chili",), ("a spoon",), ("the fish ball",)]
    assert [one.image for one in samples[:2]] == [folder / "images/1/a.jpeg"] * 2
    assert [len(one.targets()) for one in samples] == [2, 0, 0]
    assert [one.tags["phrase"] for one in samples] == ["present", "absent", "absent"]
    assert (samples[0].tags["domain"], samples[0].class_ids) == ("fg_food", ())


def test_crowds_are_no_targets(folder):
    first = load_dataset("saco", folder, {}).samples[0]
    assert sorted(rle.area(one.mask) for one in first.targets()) == [12, 12]


def test_the_first_annotators_answer_scores_what_the_metric_gives_at_best(folder, tmp_path):
    dataset = load_dataset("saco", folder, {"subset": "gold_fg_food"})
    truth = dataset.truth(tmp_path)
    found = score("cgf1", truth, results(dataset, tmp_path / "r.json"), dataset.metric_options)
    # The official formula adds 1e-4 and 1e-6 to its denominators, so the best is just below 1.
    assert found["cgF1"] == pytest.approx(1, abs=1e-3)
    assert found["pairs"] == 3


def test_one_file_of_one_annotator_will_do(folder):
    path = "annotations/gold_fg_food_merged_b_release_test.json"
    dataset = load_dataset("saco", folder, {"annotations": path})
    assert [one.unit for one in dataset.samples] == ["10", "12", "11"]


def test_missing_mixed_and_broken_files_are_named(folder, tmp_path):
    with pytest.raises(UserError, match="SACo-Gold"):
        load_dataset("saco", folder, {"annotations": "elsewhere"})
    with pytest.raises(UserError, match="holds no gold_crowded annotation"):
        load_dataset("saco", folder, {"subset": "gold_crowded"})
    (folder / "images/1/b.jpeg").unlink()
    with pytest.raises(UserError, match=r"1 of 2 pictures are missing: b\.jpeg"):
        load_dataset("saco", folder, {})
    path = folder / "annotations/gold_fg_food_merged_a_release_test.json"
    content = path.read_text()
    path.write_text(content.replace('"text_input": "chili"', '"text_input": " "'))
    with pytest.raises(UserError, match="pair 10: text_input is ' '"):
        load_dataset("saco", folder, {})
    path.write_text(content[:300])
    with pytest.raises(UserError, match="is cut short"):
        load_dataset("saco", folder, {})


def test_broken_files_are_read_or_refused(folder):
    fuzz_dataset("saco", folder)
