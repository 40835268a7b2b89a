"""Our cgF1 against the numbers SAM 3's evaluator gave on the same files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openseg_evals.score.registry import score
from tests.parity.evals import cases_saco
from tests.parity.evals.test_official import close

OFFICIAL = json.loads((Path(__file__).parent / "official_saco.json").read_text())["cgf1"]["scores"]


@pytest.mark.parametrize(
    ("case", "truth", "predictions"),
    [
        ("three", "", "predictions.json"),
        ("one", "gold_toy_merged_a.json", "predictions.json"),
        ("second", "gold_toy_merged_b.json", "predictions.json"),
        ("none", "", "none.json"),
        ("none_one", "gold_toy_merged_a.json", "none.json"),
    ],
)
def test_cgf1_is_sam3s(tmp_path, case, truth, predictions):
    cases_saco.pairs(tmp_path)
    close(score("cgf1", tmp_path / "truth" / truth, tmp_path / predictions, {}), OFFICIAL[case])
