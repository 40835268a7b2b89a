"""Our BOP segmentation AP against the numbers of the official script on the same files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openseg_evals.score.registry import score
from tests.parity.evals import cases_bop
from tests.parity.evals.test_official import close

OFFICIAL = json.loads((Path(__file__).parent / "official_bop.json").read_text())


@pytest.mark.parametrize("case", ["boxes", "plain"])
def test_ap_is_the_bop_toolkits(tmp_path, case):
    cases_bop.scenes(tmp_path)
    ours = score("bop_instances", tmp_path / "ycbv", tmp_path / f"{case}_ycbv-test.json", {})
    close(ours, OFFICIAL["bop_instances"]["scores"][case])
