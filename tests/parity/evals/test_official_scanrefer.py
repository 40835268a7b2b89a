"""ScanRefer's boxes, classes and numbers against those of its own programs; see `test_official`."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.parity.evals import cases_scanrefer
from tests.parity.evals.test_official import close

OFFICIAL = json.loads((Path(__file__).parent / "official_scanrefer.json").read_text())["scanrefer"]


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """The folder, the answers, and the truth as the loader makes it."""
    folder = tmp_path_factory.mktemp("scanrefer")
    answers = cases_scanrefer.scanrefer(folder)
    return folder, answers, load_dataset("scanrefer", folder, {}).truth(folder / "work")


def entries(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_scores_are_those_of_the_official_program(case):
    folder, answers, truth = case
    ours = score("scanrefer", truth, folder / "pred.json", {})
    close(ours, OFFICIAL["scores"])
    assert ours["samples"] == len(answers)


def test_boxes_are_those_of_the_official_preparation(case):
    for one in entries(case[2]):
        corners = np.array(one["bbox"])
        expected = OFFICIAL["boxes"][one["scene_id"]][one["object_id"]]
        mine = [*corners.min(axis=0), *corners.max(axis=0)]
        assert mine == pytest.approx(expected, abs=2e-6)


def test_a_second_program_agrees(case):
    """The rule written plainly: loops over sentences, boxes as intervals, counts by name."""
    folder, answers, truth = case
    true = entries(truth)
    first = {}
    for one in true:
        first.setdefault((one["scene_id"], one["object_id"]), one["class"])
    several, hits = [], defaultdict(list)
    for one, answer in zip(true, answers, strict=True):
        rivals = [k for (s, _), k in first.items() if (s, k) == (one["scene_id"], one["class"])]
        several.append(int(len(rivals) != 1))
        shared, volumes = 1.0, [1.0, 1.0]
        for axis in range(3):
            a, b = ([corner[axis] for corner in box["bbox"]] for box in (one, answer))
            shared *= max(0.0, min(max(a), max(b)) - max(min(a), min(b)))
            volumes = [volumes[0] * (max(a) - min(a)), volumes[1] * (max(b) - min(b))]
        iou = shared / (sum(volumes) - shared + 1e-8)
        for group in ("all", ("unique", "multiple")[several[-1]]):
            hits[group].append(iou)
    assert several == OFFICIAL["unique_multiple"]
    ours = score("scanrefer", truth, folder / "pred.json", {})
    for group, table in (("all", ours), *((name, ours[name]) for name in ("unique", "multiple"))):
        for threshold in (0.25, 0.5):
            share = sum(iou >= threshold for iou in hits[group]) / len(hits[group])
            assert table[f"Acc@{threshold}"] == pytest.approx(share)
