"""ScanRefer's files of boxes: units, missing sentences, and broken files by place."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from openseg.types.errors import UserError
from openseg_evals.score.registry import score, tally
from openseg_evals.upright_boxes import corners_of

RIGHT, HALF, FAR = [0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 0.4], [5, 5, 5, 6, 6, 6]


def entry(scene, number, ann, box, **more):
    corners = None if box is None else corners_of(np.array(box, float))
    return {"scene_id": scene, "object_id": number, "ann_id": ann, **more, "bbox": corners}


TRUTH = [
    entry("a", "1", "0", RIGHT, **{"class": "chair"}),
    entry("a", "1", "1", RIGHT, **{"class": "chair"}),
    entry("a", "2", "0", FAR, **{"class": "chair"}),
    entry("b", "1", "0", RIGHT, **{"class": "desk"}),
]
ANSWERS = [
    entry("b", "1", "0", None),
    entry("a", "1", "0", RIGHT),
    entry("a", "1", "1", HALF),  # IoU 0.4
    entry("a", "2", "0", RIGHT),
]


@pytest.fixture
def files(tmp_path):
    def write(truth=TRUTH, answers=ANSWERS):
        (tmp_path / "truth.json").write_text(json.dumps(truth))
        (tmp_path / "pred.json").write_text(json.dumps(answers))
        return tmp_path / "truth.json", tmp_path / "pred.json"

    return write


def test_numbers_and_units_by_hand(files):
    found = tally("scanrefer", *files(), {})
    assert found.scores() == {
        "Acc@0.25": 2 / 4,
        "Acc@0.5": 1 / 4,
        "unique": {"Acc@0.25": 0, "Acc@0.5": 0},
        "multiple": {"Acc@0.25": 2 / 3, "Acc@0.5": 1 / 3},
        "samples": 4,
    }
    assert list(found.units) == ["a", "b"]
    assert found.unit_scores.tolist() == [1 / 3, 0]
    twice = found.scores(np.array([0, 0, 1]))  # scenes drawn with replacement
    assert (twice["samples"], twice["Acc@0.5"]) == (7, 2 / 7)


def test_a_missing_sentence_is_refused_nothing_or_left_out(files):
    paths = files(answers=ANSWERS[1:3])
    with pytest.raises(UserError, match="2 of 4 sentences have no prediction: a 2 0, b 1 0"):
        score("scanrefer", *paths, {})
    assert score("scanrefer", *paths, {"missing": "empty"})["Acc@0.5"] == 1 / 4
    part = tally("scanrefer", *paths, {"missing": "skip"})
    assert part.scores()["Acc@0.5"] == 1 / 2
    # What is unique is decided by all sentences, asked or not.
    assert part.scores()["multiple"] == {"Acc@0.25": 1, "Acc@0.5": 1 / 2}
    assert part.unit_scores[0] == 1 / 2
    assert math.isnan(part.unit_scores[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ann_id": "7"}, r"pred\.json entry 1: a 1 7 is not in the truth"),
        ({"ann_id": "1"}, r"entry 2: a 1 1 occurs a second time"),
        ({"ann_id": 0}, "ann_id is 0"),
        ({"bbox": [0, 0, 0, 1, 1, 1]}, "a corner of bbox is a int"),
        ({"bbox": [[0, 0, 0]] * 7}, "bbox is no box .*8 corners"),
        ({"bbox": [[0, 0]] * 8}, "bbox is no box"),
        ({"bbox": [[0, 0, "1"]] * 8}, "bbox is '1'"),
        ({"bbox": {}}, "bbox is a dict"),
    ],
)
def test_a_wrong_answer_is_named(change, message, files):
    answers = [ANSWERS[0], {**ANSWERS[1], **change}, *ANSWERS[2:]]
    with pytest.raises(UserError, match=message):
        score("scanrefer", *files(answers=answers), {})


def test_a_wrong_truth_is_named(files):
    with pytest.raises(UserError, match=r"truth\.json entry 4: a 1 0 occurs a second time"):
        score("scanrefer", *files(truth=[*TRUTH, TRUTH[0]]), {})
    with pytest.raises(UserError, match="entry 0: bbox is null"):
        score("scanrefer", *files(truth=[{**TRUTH[0], "bbox": None}]), {})
    with pytest.raises(UserError, match="entry 0: has no 'class'"):
        score("scanrefer", *files(truth=[ANSWERS[1]]), {})
