"""Our GranD-f numbers against those GLaMM's evaluation gave on the same files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openseg_evals.score.grandf import load_bert
from openseg_evals.score.registry import score
from tests.parity.evals import cases_grandf
from tests.parity.evals.test_official import close

FILE = Path(__file__).parent / "official_grandf.json"
OFFICIAL = json.loads(FILE.read_text())["grounded_conversation"]


@pytest.mark.parametrize("text", ["exact", "bert"])
def test_masks_and_recall_are_glamms(tmp_path, text):
    cases_grandf.annotations(tmp_path)
    if text == "bert":
        cases_grandf.bert(tmp_path / "bert")
    options = {"split": "val", "text": "exact" if text == "exact" else str(tmp_path / "bert")}
    ours = score("grounded_conversation", tmp_path / "truth", tmp_path / "predictions", options)
    close(ours, OFFICIAL["scores"][text])


def test_similarities_of_phrases_are_glamms(tmp_path):
    cases_grandf.bert(tmp_path)
    similarity = load_bert(tmp_path)
    for one, other, value in OFFICIAL["similarities"]:
        assert similarity([one], [other])[0, 0] == pytest.approx(value, abs=1e-6)
