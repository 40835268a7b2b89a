"""Regions of mask queries are those that OneFormer's published program makes of them.

`official.json` came from running github.com/SHI-Labs/OneFormer, `oneformer/oneformer_model.py`:
`semantic_inference`, `panoptic_inference` and `instance_inference`, on these arrays: label maps,
and score, class and area of every instance with a mask. Thresholds are the authors' 0.5 and 0.8.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from openseg.ops import mask_queries
from tests.parity.oneformer import arrays as made

OFFICIAL = json.loads(Path(__file__).with_name("official.json").read_text())["cases"]
IS_THING = torch.tensor([place in made.THINGS for place in range(made.CLASSES)])

pytestmark = pytest.mark.parametrize("official", OFFICIAL, ids=lambda case: f"seed{case['seed']}")


def given(official):
    classes, masks = made.queries(official["seed"])
    return classes.softmax(dim=1), masks, made.SIZE


def label_map(rows: list[str]) -> torch.Tensor:
    return torch.tensor([[int(sign) for sign in row] for row in rows])


def test_semantic(official):
    found = mask_queries.semantic(*given(official))
    drawn = torch.full(made.SIZE, -1)
    for mask, label in zip(found.masks, found.labels.tolist(), strict=True):
        drawn[mask] = label
    assert torch.equal(drawn, label_map(official["semantic"]))


@pytest.mark.parametrize("min_score", [0.5, 0.8])
def test_panoptic(official, min_score):
    theirs = official[f"panoptic_{min_score}"]
    found = mask_queries.panoptic(*given(official), IS_THING, min_score, 0.8)
    drawn = torch.zeros(made.SIZE, dtype=torch.int64)
    for number, mask in enumerate(found.masks, start=1):
        drawn[mask] = number
    assert found.labels.tolist() == theirs["labels"]
    assert torch.equal(drawn, label_map(theirs["map"]))


@pytest.mark.parametrize(
    ("name", "min_score"), [("instance_0.5", 0.5), ("instance_0.8", 0.8), ("instance_all", 0.0)]
)
def test_instances(official, name, min_score):
    theirs = [one for one in official[name] if one[2]]  # masks without a pixel score 0
    found = mask_queries.instances(*given(official), IS_THING, min_score)
    areas = found.masks.flatten(1).sum(dim=1)
    assert found.labels.tolist() == [label for _, label, _ in theirs]
    assert areas.tolist() == [area for _, _, area in theirs]
    expected = torch.tensor([score for score, _, _ in theirs])
    torch.testing.assert_close(found.scores, expected, atol=2e-6, rtol=0)
