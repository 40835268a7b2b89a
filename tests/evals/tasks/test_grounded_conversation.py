"""A JSON file an image, the best region of each phrase, best first."""

from __future__ import annotations

import json

import numpy as np

from openseg_evals.tasks.registry import find_task
from tests.evals.tasks.drawn import answer, drawn, mask, nothing, sample

LEFT, RIGHT = mask("##....", "......"), mask("....##", "......")
BOTH = LEFT | RIGHT
WORDS = {"size": (2, 6), "phrases": ("a cup", "a cap", "a hat")}


def test_the_best_region_of_each_phrase(tmp_path):
    file = find_task("grounded_conversation")(tmp_path, {})
    file.write(
        sample(1, **WORDS), answer((LEFT, 0.2, 0), (BOTH, 0.4, 0), (RIGHT, 0.9, 1), (LEFT, 0.1, 1))
    )
    content = json.loads((file.path / "1.json").read_text())
    assert content["phrases"] == ["a cap", "a cup"]
    assert np.array_equal(drawn(content["pred_masks"][0]), RIGHT)
    assert np.array_equal(drawn(content["pred_masks"][1]), BOTH)
    assert [one.phrase for one in file.regions(sample(1, **WORDS))] == [1, 0]


def test_nothing_found_and_a_sample_that_failed(tmp_path):
    file = find_task("grounded_conversation")(tmp_path, {})
    file.write(sample(1, **WORDS), nothing(2, 6))
    file.write(sample(2, **WORDS), None)
    for name in ("1", "2"):
        content = json.loads((file.path / f"{name}.json").read_text())
        assert content == {"caption": "", "phrases": [], "pred_masks": []}
    assert file.regions(sample(1, **WORDS)) == []
