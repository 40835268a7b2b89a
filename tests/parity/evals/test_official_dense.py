"""Scores of masks and volumes against the official programs' on the same files.

`official_dense.json` is kept as `test_official` says. MONAI answers in single precision.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from openseg_evals.metrics.u_score import Costs, u_bench, u_score
from openseg_evals.score.registry import score, tally
from tests.parity.evals import cases_dense

OFFICIAL = json.loads((Path(__file__).parent / "official_dense.json").read_text())
VOLUMES = {"labels": "1,2"}
SLICES = {"labels": "255", "spacing": "0.5,0.8"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dense")
    cases_dense.masks(folder / "masks")
    cases_dense.volumes(folder / "volumes")
    return folder


def by_case(metric, folder, **options):
    found = tally(metric, folder / "truth", folder / "predictions", options)
    return {name: found.scores(np.array([row])) for row, name in enumerate(found.units)}


def same_measures(ours, official, names):
    """Compares measures of every label; `names` gives the official name of each of ours."""
    compared = 0
    for case, labels in official.items():
        if case not in ours:
            continue
        for label, values in labels.items():
            for mine, theirs in names.items():
                value, expected = ours[case]["labels"][int(label)][mine], values[theirs]
                compared += 1
                if expected is None:
                    assert value is None, (case, label, mine)
                else:
                    assert value == pytest.approx(expected, rel=1e-6, abs=1e-6), (case, label, mine)
    assert compared


@pytest.mark.parametrize(("room", "options"), [("volumes", VOLUMES), ("masks", SLICES)])
@pytest.mark.parametrize(
    ("program", "rules", "names"),
    [
        ("medpy", {"hd95": "medpy"}, {"Dice": "Dice", "HD95": "HD95"}),
        (
            "monai",
            {"hd95": "monai", "nsd": "monai", "empty": "monai"},
            {"Dice": "Dice", "HD95": "HD95", "NSD": "NSD"},
        ),
        ("monai", {"nsd": "surface_distance", "empty": "monai"}, {"NSD": "NSD_subvoxels"}),
        (
            "surface_distance",
            {"hd95": "surface_distance"},
            {"Dice": "Dice", "HD95": "HD95", "NSD": "NSD"},
        ),
    ],
)
def test_measures_are_those_of_the_program(folder, room, options, program, rules, names):
    ours = by_case("medical", folder / room, tolerance="2", **options, **rules)
    same_measures(ours, OFFICIAL[f"medical_{program}"]["scores"], names)


def test_measures_are_sats(folder):
    ours = by_case("medical", folder / "volumes", **VOLUMES, spacing="1,1,3", empty="sat")
    same_measures(ours, OFFICIAL["medical_sat"]["scores"], {"Dice": "Dice", "NSD": "NSD"})


@pytest.mark.parametrize("program", ["dis", "pysodmetrics"])
def test_hce_is_the_official(folder, program):
    expected = dict(OFFICIAL[f"hce_{program}"]["scores"])
    mean = expected.pop("mean")
    room = folder / "masks"
    assert score("hce", room / "truth", room / "predictions", {})["HCE"] == pytest.approx(mean)
    assert {name: one["HCE"] for name, one in by_case("hce", room).items()} == expected


@pytest.mark.parametrize(
    ("case", "expected"), list(zip(cases_dense.ZOO, OFFICIAL["uscore"]["scores"], strict=True))
)
def test_u_score_is_the_calculators(case, expected):
    dataset, iou, *costs = case
    assert u_score(iou, Costs(*costs), u_bench(dataset))["U-Score"] == pytest.approx(
        expected, abs=1e-6
    )
