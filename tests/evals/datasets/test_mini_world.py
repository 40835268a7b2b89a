"""The mini world's files are read by the loaders of the real data sets; the truth scores 100."""

from __future__ import annotations

import pytest
from PIL import Image

from openseg.mini.world import write_grefer, write_refer
from openseg_evals.datasets.registry import load_dataset
from openseg_evals.score.registry import score
from tests.evals.datasets.expressions import answers

pytest.importorskip("pyvista")

SIDE = 96
OPTIONS = {"split": "test_unseen", "by": "unc"}


@pytest.mark.parametrize("truth", ["single", "union"])
def test_refcoco(truth, tmp_path):
    write_refer("test_unseen", 2, tmp_path, SIDE, SIDE)
    dataset = load_dataset("refcoco", tmp_path, OPTIONS)
    for sample in dataset.samples:
        assert {"size", "category", "words", "construction", "pair"} == set(sample.tags)
        with Image.open(sample.image) as picture:
            assert picture.size == sample.size == (SIDE, SIDE)
    found = score(
        "referring",
        dataset.truth(tmp_path),
        answers(dataset, tmp_path / "answers.jsonl"),
        {**dataset.metric_options, "truth": truth},
    )
    assert found["oIoU"] == found["P@0.9"] == 100
    assert found["samples"] == 8


def test_grefcoco(tmp_path):
    write_grefer("test_unseen", 2, tmp_path, SIDE, SIDE)
    dataset = load_dataset("grefcoco", tmp_path, OPTIONS)
    assert {one.tags["targets"] for one in dataset.samples} == {"none", "one", "several"}
    found = score(
        "generalized_referring",
        dataset.truth(tmp_path),
        answers(dataset, tmp_path / "answers.jsonl"),
        dataset.metric_options,
    )
    assert found["gIoU"] == found["cIoU"] == 100
    assert found["N_acc"] == found["T_acc"] == 1
