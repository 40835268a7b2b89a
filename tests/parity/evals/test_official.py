"""Our numbers against those the official programs gave on the same files.

`official.json` holds, for each program, where its code is, at which commit (or version) it was run,
and what it returned on the cases that `cases.py` writes.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from openseg_evals.score.registry import score
from tests.parity.evals import cases

OFFICIAL = json.loads((Path(__file__).parent / "official.json").read_text())


def close(ours, official):
    """Compares every number the official program gives, to 1e-6."""
    for key, value in official.items():
        mine = ours[int(key) if key not in ours else key]
        if isinstance(value, dict):
            close(mine, value)
        else:
            assert mine == pytest.approx(value, abs=1e-6), key


def official(name):
    return OFFICIAL[name]["scores"]


@pytest.mark.parametrize("split", ["all", "val", "testA", "testB"])
def test_refcoco_is_lavt(tmp_path, split):
    cases.referring(tmp_path)
    ours = score("referring", tmp_path, tmp_path / "predictions.jsonl", {"split": split})
    close(ours, official("referring")[split])


def test_refcoco_in_lisas_style_is_lisa(tmp_path):
    cases.referring(tmp_path)
    ours = score("referring", tmp_path, tmp_path / "predictions.jsonl", {"style": "lisa"})
    close(ours, official("referring_lisa"))


def test_reasonseg_is_lisa(tmp_path):
    pytest.importorskip("cv2")
    cases.reasonseg(tmp_path)
    close(
        score("reasoning", tmp_path / "val", tmp_path / "predictions.jsonl", {}),
        official("reasoning"),
    )


def test_grefcoco_is_rela(tmp_path):
    cases.referring(tmp_path, general=True)
    ours = score("generalized_referring", tmp_path, tmp_path / "predictions.jsonl", {})
    close(ours, official("generalized_referring"))


@pytest.mark.parametrize("metric", ["panoptic", "boundary_panoptic"])
def test_pq_is_panopticapi(tmp_path, metric):
    cases.panoptic(tmp_path)
    ours = score(metric, tmp_path / "truth.json", tmp_path / "predictions.json", {})
    close(ours, official(metric))


@pytest.mark.parametrize("metric", ["coco_instances", "boundary_instances"])
@pytest.mark.parametrize(("by_class", "key"), [("true", "by_class"), ("false", "agnostic")])
def test_instance_ap_is_the_official(tmp_path, metric, by_class, key):
    cases.instances(tmp_path)
    ours = score(metric, tmp_path / "truth.json", tmp_path / "results.json", {"by_class": by_class})
    close(ours, official(metric)[key])


def test_lvis_is_lvis(tmp_path):
    cases.instances(tmp_path, federated=True)
    ours = score("lvis", tmp_path / "truth.json", tmp_path / "results.json", {})
    close(ours, official("lvis"))


def test_semantic_is_detectron2(tmp_path):
    cases.semantic(tmp_path)
    ours = score(
        "semantic",
        tmp_path / "truth",
        tmp_path / "predictions",
        {"classes": "6", "boundary": "true"},
    )
    theirs = official("semantic_detectron2")
    close(ours, {key: theirs[key] for key in ("mIoU", "fwIoU", "mACC", "pACC")})
    tables = (("IoU", "IoU"), ("ACC", "ACC"), ("BoundaryIoU", "BoundaryIoU"))
    for mine, name in tables:
        for place, value in enumerate(ours[mine]):
            assert value == pytest.approx(theirs[f"{name}-{place}"], abs=1e-6)


def test_semantic_is_mmsegmentation(tmp_path):
    cases.semantic(tmp_path)
    options = {"classes": "6", "average": "mmseg"}
    ours = score("semantic", tmp_path / "truth", tmp_path / "predictions", options)
    rounded = {key: round(value, 2) for key, value in official("semantic_mmseg").items()}
    close(ours, rounded)  # rounded in single precision there


def test_semantic_is_scene_parsing(tmp_path):
    cases.semantic(tmp_path, shift=1)
    options = {"classes": "6", "average": "sceneparsing", "zero": "unlabelled"}
    ours = score("semantic", tmp_path / "truth", tmp_path / "predictions", options)
    close(ours, official("semantic_sceneparsing"))


def test_pointing_game_is_torchray(tmp_path):
    cases.points(tmp_path)
    ours = score("pointing_game", tmp_path / "truth.json", tmp_path / "points.json", {})
    close(ours, official("pointing_game"))
