"""SA-Co files that do not fit, and selections of pairs."""

from __future__ import annotations

import json

import numpy as np
import pytest

from openseg.types.errors import InputError
from openseg_evals.score.registry import score, tally
from tests.parity.evals import cases_saco
from tests.parity.evals.cases import encoded


@pytest.fixture
def files(tmp_path):
    cases_saco.pairs(tmp_path)
    return tmp_path


def refused(files, message, **options):
    with pytest.raises(InputError, match=message):
        score("cgf1", files / "truth", files / "predictions.json", options)


def change(path, edit):
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content))


def test_a_pair_that_is_drawn_twice_counts_twice(files):
    found = tally("cgf1", files / "truth", files / "predictions.json", {})
    assert found.units[0] == "10000000"
    assert len(found.units) == len(found.unit_scores) == 57
    once = found.scores(np.array([1, 4, 2]))
    twice = found.scores(np.array([1, 1, 4, 4, 2, 2]))
    assert twice["pairs"] == 6
    assert twice["cgF1"] == pytest.approx(once["cgF1"], abs=1e-4)
    assert found.scores(np.array([1]))["F1"] == pytest.approx(found.unit_scores[1])


def test_json_lines_score_as_a_list(files):
    results = json.loads((files / "predictions.json").read_text())
    lines = files / "lines.jsonl"
    lines.write_text("\n".join(map(json.dumps, results)))
    listed = score("cgf1", files / "truth", files / "predictions.json", {})
    assert score("cgf1", files / "truth", lines, {}) == listed


SMALL = encoded(np.zeros((3, 3), bool))


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda r: r[0].update(image_id=5), r"predictions.json entry 0: image_id 5 is not in the"),
        (lambda r: r[0].update(category_id=7), "category_id 7 is not in the truth"),
        (lambda r: r[3].update(score=None), "entry 3: score is None"),
        (lambda r: r[3].update(segmentation=SMALL), "entry 3: mask is 3 x 3"),
        (lambda r: r[3].pop("segmentation"), "entry 3: has no 'segmentation'"),
    ],
)
def test_a_broken_prediction_is_refused(files, edit, message):
    change(files / "predictions.json", edit)
    refused(files, message)


def test_scores_that_are_not_numbers_and_cut_files_are_refused(files):
    file = files / "predictions.json"
    text = file.read_text()
    file.write_text(text.replace('"score": ', '"score": NaN, "was": ', 1))
    refused(files, "predictions.json: holds NaN")
    file.write_text(text[:-40])
    refused(files, "predictions.json: is (cut short|not JSON)")


def lose_the_last_pair(truth):
    last = truth["images"].pop()["id"]
    truth["annotations"] = [one for one in truth["annotations"] if one["image_id"] != last]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda t: t["images"].append(t["images"][0]), "pair 10000000 occurs twice"),
        (lambda t: t["images"][1].pop("is_instance_exhaustive"), "pair 10000001: has no 'is_inst"),
        (lambda t: t["annotations"][0].update(image_id=3), "entry 0: image_id 3 is not a pair"),
        (lambda t: t["annotations"][0].update(segmentation=SMALL), "entry 0: mask is 3 x 3"),
        (lose_the_last_pair, "c.json: lacks 1 pairs of gold_toy_merged_a.json: 10000059"),
        (lambda t: t["images"][0].update(height=9), "pair 10000000 has another size"),
        (
            lambda t: [one.update(is_instance_exhaustive=0) for one in t["images"]],
            "has no pair that can be scored",
        ),
    ],
)
def test_a_broken_truth_is_refused(files, edit, message):
    path = next((files / "truth").glob("*c.json"))
    change(path, edit)
    refused(files, message)


def test_subsets_of_one_folder_are_chosen_by_name(files):
    alone = score("cgf1", files / "truth", files / "predictions.json", {})
    other = json.loads(next((files / "truth").glob("*a.json")).read_text())
    for one in other["images"]:
        one["id"] += 1
    other["annotations"] = []
    (files / "truth" / "gold_food_merged_a.json").write_text(json.dumps(other))
    refused(files, "gold_toy_merged_a.json: lacks .*--set subset=NAME")
    chosen = {"subset": "toy"}
    assert score("cgf1", files / "truth", files / "predictions.json", chosen) == {
        **alone,
        "conventions": chosen,
    }
    refused(files, "truth: holds no drink annotation", subset="drink")
