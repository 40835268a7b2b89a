"""Relations of boxes in a picture: the pair that stands so beats the pair that does not."""

from __future__ import annotations

import pytest
import torch

from openseg.ops.sentences import places

TABLE = [20.0, 40.0, 60.0, 70.0]


@pytest.mark.parametrize(
    ("link", "true", "false"),
    [
        ("to the left of", [2, 45, 12, 60], [70, 45, 80, 60]),
        ("right of", [70, 45, 80, 60], [2, 45, 12, 60]),
        ("standing on", [30, 30, 40, 44], [30, 80, 40, 95]),
        ("above", [30, 5, 40, 15], [30, 80, 40, 95]),
        ("beneath", [30, 75, 40, 85], [30, 5, 40, 15]),
        ("behind", [30, 20, 50, 55], [30, 60, 50, 90]),
        ("in front of", [30, 60, 50, 90], [30, 20, 50, 55]),
        ("right next to", [62, 50, 72, 70], [150, 50, 160, 70]),
        ("of", [22, 60, 26, 70], [80, 60, 84, 70]),
        ("with", [10, 30, 70, 90], [80, 60, 84, 70]),
    ],
)
def test_relations_hold_for_the_right_box(link, true, false):
    boxes = torch.tensor([true, false], dtype=torch.float32)
    held = places.held(boxes, torch.tensor([TABLE]), places.meaning_of(link))[:, 0]
    assert held[0] > 0.4
    assert held[0] > 1.9 * held[1]
    assert bool(((held >= 0) & (held <= 1)).all())


def test_between_is_highest_in_the_middle():
    ends = torch.tensor([[0.0, 0, 10, 10], [90, 0, 100, 10]])
    boxes = torch.tensor([[45.0, 0, 55, 10], [0, 80, 10, 90]])
    held = places.between(boxes, ends[:1], ends[1:])[:, 0, 0]
    assert held[0] > 0.9
    assert held[1] < 0.1


@pytest.mark.parametrize(("meaning", "expected"), [("nearest", 1), ("farthest", 2)])
def test_distances_are_from_the_landmark_that_fits_best(meaning, expected):
    boxes = torch.tensor([[0.0, 0, 10, 10], [20, 0, 30, 10], [80, 0, 90, 10]])
    fit = torch.tensor([0.9, 0.1, 0.0])
    rivals = torch.tensor([True, True, True])
    picked = places.extreme(boxes, rivals, fit, meaning)
    assert picked.argmax() == expected
    assert picked.count_nonzero() == 1
