"""The four cases of two overlapping objects, and what is joined of them."""

from __future__ import annotations

import pytest
import torch

from openseg.ops.scenes import integration, point_sets
from openseg.stages.lift.integrate import Integrate
from openseg.types import Instances3D, Phrase, Phrases
from openseg.types.errors import ShapeError


def objects(*sets, total=100, name="thing", scores=None):
    masks = torch.zeros(len(sets), total, dtype=torch.bool)
    for mask, points in zip(masks, sets, strict=True):
        mask[list(points)] = True
    phrases = Phrases(tuple(Phrase(f"{name} {i}", i, (0, 1)) for i in range(len(sets))))
    values = torch.ones(len(sets)) if scores is None else torch.tensor(scores)
    return Instances3D.from_masks(masks, values, phrases)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (range(20), range(2, 22), ([(0, 0)], [], [])),  # the same
        (range(20), range(18, 40), ([], [0], [0])),  # neighbours
        (range(40), range(8), ([], [], [0])),  # the second is a fine part of the first
        (range(8), range(40), ([], [0], [])),  # and the other way round
        (range(8), range(10, 20), ([], [0], [0])),  # nothing in common
    ],
)
def test_every_case(first, second, expected):
    found = integration.plan(objects(first), objects(second), 0.5, 0.5)
    assert (found.merged, found.first, found.second) == expected


def test_merged_objects_have_all_points_and_the_surer_phrase():
    path_3d = objects(range(20), range(50, 60), name="3d", scores=[0.1, 0.2])
    path_2d = objects(range(2, 22), name="2d", scores=[0.4])
    found = Integrate(Integrate.Config()).run([path_3d], [path_2d]).instances[0]
    assert [found.of(row).tolist() for row in range(2)] == [
        list(range(22)),
        list(range(50, 60)),
    ]
    assert [phrase.text for phrase in found.phrases.items] == ["2d 0", "3d 1"]
    assert found.scores.tolist() == [1, 1]


def test_objects_of_different_scenes_are_refused():
    with pytest.raises(ShapeError, match="of 100 and of 50 points"):
        point_sets.joined(objects(range(3)), objects(range(3), total=50))
