"""The verbs beside `run`."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest


def test_help_names_every_verb(cli):
    text = cli("--help").stdout
    for verb in ("run", "ls", "show", "validate", "fetch", "doctor", "schema", "world"):
        assert verb in text


def test_version(cli):
    assert cli("--version").stdout.startswith("openseg ")


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("pipelines", ["grounded_sam", "clip_ranked_masks", "box_to_mask"]),
        ("stages", ["propose.detect", "segment.by_prompt", "select.best"]),
        ("models", ["grounding-dino", "sam2", "siglip", "dinov2"]),
    ],
)
def test_ls(cli, what, names):
    text = cli("ls", what).stdout
    assert all(name in text for name in names)


def test_show_prints_and_draws(cli, tmp_path):
    text = cli("show", "grounded_sam", "--set", "detect.nms_iou=0.6").stdout
    assert "propose.detect" in text
    assert "nms_iou=0.6" in text
    assert cli("show", "grounded_sam", "--svg", "graph.svg").returncode == 0
    drawing = ET.parse(tmp_path / "graph.svg").getroot()  # noqa: S314 - our own file
    assert drawing.tag.endswith("svg")


def test_validate_says_what_is_wrong_where(cli, tmp_path):
    assert cli("validate", "grounded_sam").returncode == 0
    (tmp_path / "mine.yaml").write_text("include: grounded_sam\nnodes:\n  detect: {nms_iuo: 0.5}\n")
    done = cli("validate", "mine.yaml", "--json")
    assert done.returncode == 2
    report = json.loads(done.stdout)
    assert not report["ok"]
    [problem] = report["problems"]
    assert problem["where"] == "mine.yaml:3"
    assert "nms_iou" in problem["fix"]


def test_schema_is_json(cli, tmp_path):
    assert "$schema" in json.loads(cli("schema").stdout)
    assert cli("schema", "--out", "method.json").returncode == 0
    assert json.loads((tmp_path / "method.json").read_text())


def test_doctor_names_device_packages_and_methods(cli):
    text = cli("doctor").stdout
    assert "device" in text
    assert "torch" in text
    assert "grounded_sam: can run" in text
    report = json.loads(cli("doctor", "--json").stdout)
    # Weights that are not shipped are all that may stand in the way of a shipped method.
    assert all("'mini' weights" in one["what"] for one in report["problems"])
    assert report["ok"] == (not report["problems"])


def test_doctor_says_what_stands_in_the_way(cli):
    report = json.loads(cli("doctor", "--weights", "large", "--json", HF_HOME="nowhere").stdout)
    assert not report["ok"]
    assert any("openseg fetch" in problem["fix"] for problem in report["problems"])


def test_missing_weights_are_one_line_with_the_command(cli, room):
    done = cli(
        "run", "grounded_sam", "--image", room, "--text", "cup", "--weights", "base",
        HF_HOME="nowhere",
    )  # fmt: skip
    assert done.returncode == 2
    for word in ("grounding-dino", "base", "openseg fetch"):
        assert word in done.stderr
