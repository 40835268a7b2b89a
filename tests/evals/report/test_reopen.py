"""Evaluation folders as they may be found: whole, unfinished, damaged, newer, gone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

from openseg.types.errors import InputError, UserError
from openseg_evals.report.reopen import reopen


@pytest.fixture
def folder(evaluation, tmp_path):
    """A copy of the evaluation, to be damaged."""
    return shutil.copytree(evaluation.folder, tmp_path / "copy")


def test_a_whole_one_is_as_it_was_made(folder, evaluation):
    found = reopen(folder)
    data = evaluation.folder.parent / "data"
    assert found.results == json.loads(json.dumps(evaluation.results))
    assert [one.id for one in found.samples(data)] == [one.id for one in evaluation.samples]
    assert [one.name for one in found.waterfalls] == ["two", "five"]
    assert found.tables.scores.rows[0][0] == "two"
    groups = found.cases("two", data)
    assert {name: len(cases) > 0 for name, cases in groups.items()} == {
        "best": True, "median": True, "worst": True,
    }  # fmt: skip
    assert all(case.picture.startswith(b"\xff\xd8") for case in groups["best"])


def test_a_unit_is_found(folder, evaluation):
    data = evaluation.folder.parent / "data"
    first = evaluation.samples[0]
    assert reopen(folder).sample(first.unit, data).id == first.id
    with pytest.raises(UserError, match="no unit 'nobody'"):
        reopen(folder).sample("nobody", data)


def test_without_data_or_predictions_numbers_are_still_read(folder, evaluation, tmp_path):
    found = reopen(folder)
    with pytest.raises(InputError, match="data set of this evaluation is not here"):
        found.samples(tmp_path / "elsewhere")
    shutil.rmtree(folder / "predictions")
    with pytest.raises(InputError, match="predictions are not here"):
        found.cases("two", evaluation.folder.parent / "data")


def test_an_unfinished_one_says_how_to_go_on(folder):
    (folder / "results.json").unlink()
    with pytest.raises(InputError, match="not finished") as caught:
        reopen(folder)
    assert "openseg eval" in caught.value.fix


@pytest.mark.parametrize("text", ["", "{", "[]", '{"benchmark": 3}'])
def test_a_damaged_one_is_told(folder, text):
    (folder / "results.json").write_text(text)
    with pytest.raises(InputError, match="cannot be read"):
        reopen(folder)


def test_a_newer_one_is_told(folder):
    state = json.loads((folder / "eval.json").read_text())
    state["identity"]["format"] = 99
    (folder / "eval.json").write_text(json.dumps(state))
    with pytest.raises(InputError, match="99"):
        reopen(folder)


def test_one_that_is_gone_is_told(folder):
    shutil.rmtree(folder)
    with pytest.raises(InputError, match="any more"):
        reopen(folder)


def test_reading_needs_no_models():
    code = "import sys, openseg_evals.report.reopen; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
