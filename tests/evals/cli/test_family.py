"""`openseg eval mini-family`: scores of models against their floors, as an object and a table."""

from __future__ import annotations

import json
import sys

import pytest

from openseg.cli.main import run as openseg
from openseg.mini.family import Result, without_weights
from openseg.mini.measures.score import Score
from openseg.models.store import ModelStore
from openseg_evals.cli.family import as_markdown, as_object, as_text

RESULTS = [
    Result("clip", "test_seen", "right of 20", Score(0.9, 50), 0.85),
    Result("clip", "test_seen", "right of 20, held-out pairs", Score(float("nan"), 0), None),
    Result("clip", "test_unseen", "right of 20", Score(0.6, 40), 0.75),
    Result("clip", "test_unseen", "right of 20, held-out pairs", Score(0.5, 8), None),
]


def test_a_score_below_its_floor_is_told():
    told = as_object(RESULTS, {}, 12.34)
    assert told["holds"] is False
    assert told["models"]["clip"]["test_seen"]["right of 20"] == {
        "value": 0.9,
        "n": 50,
        "floor": 0.85,
        "holds": True,
    }
    assert told["models"]["clip"]["test_unseen"]["right of 20"]["holds"] is False
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert "0.600 (n=40) below" in as_text(RESULTS)


def test_a_family_with_a_model_missing_does_not_hold():
    assert as_object(RESULTS[:1], {}, 1.0)["holds"] is True
    told = as_object(RESULTS[:1], {"sd": "no weights"}, 1.0)
    assert told["missing"] == {"sd": "no weights"}
    assert told["holds"] is False


def test_models_without_weights_are_found_before_anything_is_measured(tmp_path):
    store = ModelStore({**dict.fromkeys(("clip", "sam"), "mini"), "vlm": tmp_path})
    assert str(tmp_path) in without_weights(store)["vlm"]
    assert not {"clip", "sam"} & set(without_weights(store))


def test_the_table_has_a_row_a_measure_and_both_splits_in_it():
    lines = as_markdown(RESULTS).splitlines()
    assert len(lines) == 2 + 2
    assert lines[2] == "| clip | right of 20 | 0.900 (n=50) | 0.85 | 0.600 (n=40) below | 0.75 |"
    assert lines[3] == "| clip | right of 20, held-out pairs | - |  | 0.500 (n=8) |  |"


@pytest.mark.parametrize(
    "more", [["mini-ref"], ["--pipeline", "grounded_sam"], ["--oracle"], ["--limit", "3"]]
)
def test_the_family_takes_no_pipelines(more, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["openseg", "eval", "mini-family", *more])
    with pytest.raises(SystemExit) as left:
        openseg()
    assert left.value.code == 2
    assert "scores models, not pipelines" in capsys.readouterr().err
