"""Evaluation folders as they may be found: whole, unfinished, damaged, newer, gone."""

from __future__ import annotations

import json
import shutil

import pytest

from openseg.types.errors import InputError
from openseg_ui.server.cases import cases_of, read_samples
from openseg_ui.server.evaluations import read_evaluation
from openseg_ui.server.folders import folders_with


@pytest.fixture
def folder(evaluation, tmp_path):
    """A copy of the evaluation, to be damaged."""
    return shutil.copytree(evaluation / "runs" / "tiny-ref", tmp_path / "tiny-ref")


def test_a_whole_one_is_read(folder, evaluation):
    assert folders_with("eval.json", [folder.parent]) == [folder]
    found = read_evaluation(folder)
    assert found.results["samples"] == 6
    assert found.tables.scores.rows[0][0] == "grounded_sam"
    assert [one.name for one in found.waterfalls] == ["grounded_sam"]
    groups = cases_of(found, read_samples(found, evaluation / "data"), "grounded_sam")
    assert {len(cases) for cases in groups.values()} == {2}
    assert all(case.picture.startswith(b"\xff\xd8") for case in groups["worst"])
    assert groups["best"][0].score >= groups["worst"][0].score


def test_without_pictures_it_is_still_read(folder, tmp_path):
    found = read_evaluation(folder)
    with pytest.raises(InputError, match="data set of this evaluation is not here"):
        read_samples(found, tmp_path / "elsewhere")


def test_an_unfinished_one_says_how_to_go_on(folder):
    (folder / "results.json").unlink()
    with pytest.raises(InputError, match="not finished") as caught:
        read_evaluation(folder)
    assert "openseg eval" in caught.value.fix


@pytest.mark.parametrize("text", ["", "{", "[]", '{"benchmark": 3}'])
def test_a_damaged_one_is_told(folder, text):
    (folder / "results.json").write_text(text)
    with pytest.raises(InputError, match="cannot be read"):
        read_evaluation(folder)


def test_a_newer_one_is_told(folder):
    state = json.loads((folder / "eval.json").read_text())
    state["identity"]["format"] = 99
    (folder / "eval.json").write_text(json.dumps(state))
    with pytest.raises(InputError, match="99"):
        read_evaluation(folder)


def test_one_that_is_gone_is_told(folder):
    shutil.rmtree(folder)
    with pytest.raises(InputError, match="any more"):
        read_evaluation(folder)
