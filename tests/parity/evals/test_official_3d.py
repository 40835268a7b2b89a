"""3D scores against those the official programs gave on the same files; see `test_official`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openseg_evals.formats.label_sets import LABEL_SETS
from openseg_evals.score.registry import score
from tests.parity.evals import cases_3d
from tests.parity.evals.test_official import close

OFFICIAL = json.loads((Path(__file__).parent / "official_3d.json").read_text())


@pytest.mark.parametrize(("labels", "void"), [("scannet", 1), ("replica", 31)])
def test_instance_ap_is_scannets(tmp_path, labels, void):
    cases_3d.scannet(tmp_path, list(LABEL_SETS[labels].instance_names), void)
    ours = score(
        "scannet_instances", tmp_path / "truth", tmp_path / "predictions", {"labels": labels}
    )
    close(ours, OFFICIAL[f"scannet_instances_{labels}"]["scores"])


def test_scannet200_is_openmask3d(tmp_path):
    cases_3d.scannet(tmp_path, [2, 39, 79, 4, 5, 6, 7])
    folders = tmp_path / "truth", tmp_path / "predictions"
    ours = score("scannet_instances", *folders, {"labels": "scannet200"})
    close(ours, OFFICIAL["scannet_instances_scannet200"]["scores"])


@pytest.mark.parametrize("average", ["scannet", "openscene", "conceptgraphs"])
def test_semantics_are_those_of_the_program(tmp_path, average):
    cases_3d.points_3d(tmp_path, sorted(LABEL_SETS["scannet"].names))
    folders = tmp_path / "truth", tmp_path / "predictions"
    ours = score("scannet_semantics", *folders, {"average": average})
    close(ours, OFFICIAL[f"scannet_semantics_{average}"]["scores"])
