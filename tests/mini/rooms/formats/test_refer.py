"""Stills with sentences as RefCOCO and gRefCOCO: our loaders read them, the truth scores 100."""

from __future__ import annotations

import json

import pytest

from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.expressions import answers
from tests.mini.rooms.formats.conftest import SPLIT, STILL, write

pytest.importorskip("pyvista")

TAGS = {"construction", "held_out", "targets"}
OPTIONS = {"split": SPLIT, "by": "unc"}


def scored(metric, dataset, tmp_path, **options):
    truth = dataset.truth(tmp_path)
    answer = answers(dataset, tmp_path / "answers.jsonl")
    return score(metric, truth, answer, {**dataset.metric_options, **options})


@pytest.mark.parametrize("kind", ["refcoco", "parts"])
def test_one_target(kind, tmp_path):
    dataset = load_dataset("refcoco", write(kind, tmp_path / "data", 3, STILL, STILL), OPTIONS)
    for convention in ("single", "union"):
        found = scored("referring", dataset, tmp_path, truth=convention)
        assert found["oIoU"] == found["P@0.9"] == 100
    assert 6 <= found["samples"] <= 18
    for sample in dataset.samples:
        assert set(sample.tags) > TAGS
        assert sample.tags["targets"] == "one"
        assert (" of the " in sample.tags["category"]) == (kind == "parts")
    assert {sample.tags["held_out"] for sample in dataset.samples} > {"nothing"}


def test_any_number_of_targets(tmp_path):
    folder = write("grefcoco", tmp_path / "data", 3, STILL, STILL)
    dataset = load_dataset("grefcoco", folder, OPTIONS)
    found = scored("generalized_referring", dataset, tmp_path)
    assert found["gIoU"] == found["cIoU"] == 100
    assert found["N_acc"] == found["T_acc"] == 1
    counts = {"none": range(1), "one": range(1, 2), "several": range(2, 99)}
    assert {sample.tags["targets"] for sample in dataset.samples} == set(counts)
    for sample in dataset.samples:
        assert len(sample.targets()) in counts[sample.tags["targets"]]
        assert (sample.tags["targets"] == "none") == sample.tags["construction"].startswith(
            "absent"
        )


def test_a_seen_split_holds_nothing_that_is_held_out(tmp_path):
    folder = write("grefcoco", tmp_path / "data", 2, STILL, STILL, split="test_seen")
    refs = json.loads((folder / "grefs(unc).json").read_text())
    assert {ref["split"] for ref in refs} == {"test_seen"}
    tags = [sentence["tags"] for ref in refs for sentence in ref["sentences"]]
    assert len(tags) >= 10
    assert {one["held_out"] for one in tags} == {"nothing"}
