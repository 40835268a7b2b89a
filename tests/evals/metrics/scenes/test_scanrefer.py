"""ScanRefer's rule by hand, and by cubes counted in random boxes."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from openseg_evals.metrics.scenes.scanrefer import (
    Described,
    among_several,
    box_ious,
    scanrefer,
)

UNIT = [0, 0, 0, 1, 1, 1]
NONE = [np.nan] * 6


def iou(first, second):
    return float(box_ious(np.array([first], float), np.array([second], float))[0])


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (UNIT, 1),
        ([0.5, 0, 0, 1.5, 1, 1], 1 / 3),
        ([0, 0, 0, 2, 2, 2], 1 / 8),
        ([1, 0, 0, 2, 1, 1], 0),  # they touch
        ([1, 1, 1, 2, 2, 2], 0),
        ([5, 5, 5, 6, 6, 6], 0),
        ([0, 0, 0, 1, 1, 0], 0),  # flat
        (NONE, 0),
    ],
)
def test_overlap_by_hand(box, expected):
    assert iou(box, UNIT) == iou(UNIT, box) == pytest.approx(expected, abs=1e-7)


def test_two_flat_boxes_are_no_division_by_nothing():
    assert iou([0, 0, 0, 1, 1, 0], [0, 0, 0, 1, 1, 0]) == 0


def test_an_overlap_of_exactly_the_threshold_is_below_it():
    """The official program divides by the union and a hundred-millionth."""
    half, quarter = iou([0, 0, 0, 1, 1, 0.5], UNIT), iou([0, 0, 0, 0.5, 0.5, 1], UNIT)
    found = scanrefer(np.array([half, quarter, 0.5, 0.25]), np.zeros(4, bool))
    assert (found["Acc@0.5"], found["Acc@0.25"]) == (0.25, 0.75)
    a_little_more = iou([0, 0, 0, 1, 1, 0.5 + 1e-7], UNIT)
    assert scanrefer(np.array([a_little_more]), np.zeros(1, bool))["Acc@0.5"] == 1


def test_unique_is_counted_over_described_objects():
    said = [
        Described("a", "1", "chair"),
        Described("a", "1", "chair"),  # the same chair again: still the only one
        Described("a", "2", "table"),
        Described("a", "3", "table"),
        Described("b", "1", "table"),  # of another scene
    ]
    assert among_several(said).tolist() == [False, False, True, True, False]


def test_an_object_has_the_class_of_its_first_sentence():
    said = [
        Described("a", "1", "chair"),
        Described("a", "2", "sofa"),
        Described("a", "2", "chair"),  # the sofa, called a chair: of chairs there is one
        Described("a", "1", "desk"),  # no object is a desk
    ]
    assert among_several(said).tolist() == [False, False, False, True]


def test_nothing_found_is_wrong_and_no_sentence_is_no_number():
    found = scanrefer(np.array([0.0, 0.6]), np.array([True, False]))
    assert found["multiple"] == {"Acc@0.25": 0, "Acc@0.5": 0}
    assert found["unique"] == {"Acc@0.25": 1, "Acc@0.5": 1}
    nothing = scanrefer(np.zeros(0), np.zeros(0, bool))
    assert nothing["Acc@0.5"] is None
    assert nothing["unique"]["Acc@0.25"] is None


def test_overlap_is_that_of_unit_cubes_counted():
    draw = np.random.default_rng(3)
    low = draw.integers(-1, 2, (2, 1000, 3))
    high = low + draw.integers(0, 5, low.shape)
    mine, true = np.concatenate([low, high], axis=2).astype(float)

    def cubes(box):
        x, y, z = (range(int(box[axis]), int(box[axis + 3])) for axis in range(3))
        return set(product(x, y, z))

    sets = [(cubes(one), cubes(two)) for one, two in zip(mine, true, strict=True)]
    expected = [len(a & b) / (len(a | b) or 1) for a, b in sets]
    assert sum(0 < one < 1 for one in expected) > 20
    assert box_ious(mine, true) == pytest.approx(np.array(expected), abs=1e-7)
