"""What users click and draw, as the prompts a segmenter gets."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import openseg
from openseg.api.prompts import along, points_of
from openseg.types.errors import UserError

CPU = torch.device("cpu")


def rows(found):
    """Each row's points by what they say, without padding."""
    return [
        [
            (label, *xy)
            for xy, label in zip(found.xy[i].tolist(), found.labels[i].tolist(), strict=True)
            if label >= 0
        ]
        for i in range(len(found))
    ]


def test_each_point_and_scribble_is_a_region_and_outside_is_outside_of_all():
    found = points_of([(1, 2), (3, 4)], [[(5, 5), (6, 6), (7, 7)]], [(9, 9)], CPU)
    assert rows(found) == [
        [(1, 1, 2), (0, 9, 9)],
        [(1, 3, 4), (0, 9, 9)],
        [(1, 5, 5), (1, 6, 6), (1, 7, 7), (0, 9, 9)],
    ]


def test_nothing_is_no_row():
    assert len(points_of([], [], [], CPU)) == 0


@pytest.mark.parametrize(
    ("given_", "where"),
    [
        (([], [], [(1, 1)]), "negative point 0"),
        (([(1, 1, 1)], [], []), "point 0"),
        (([(1, math.nan)], [], []), "point 0"),
        (([], [[]], []), "scribble 0"),
        (([], [[(1, 1)], [(1,)]], []), "scribble 1"),
    ],
)
def test_what_is_none_is_named(given_, where):
    with pytest.raises(UserError) as caught:
        points_of(*given_, CPU)
    assert caught.value.where.startswith(where)


def test_a_stroke_is_read_at_equal_distances():
    corner = [(0, 0), (1, 0), (2, 0), (10, 0), (10, 10)]
    expected = [(0, 0), (5, 0), (10, 0), (10, 5), (10, 10)]
    assert along(corner, 5) == corner  # no more than asked for
    found = along([*corner[:2], (1.5, 0), *corner[2:]], 5)
    for one, other in zip(found, expected, strict=True):
        assert one == pytest.approx(other)


place = st.tuples(st.floats(0, 1000), st.floats(0, 1000))


@given(st.lists(place, min_size=1, max_size=40), st.integers(2, 9))
def test_a_read_stroke_keeps_its_ends_and_stays_on_it(stroke, most):
    found = along(stroke, most)
    assert len(found) == min(most, len(stroke))
    assert found[0] == pytest.approx(stroke[0])
    assert found[-1] == pytest.approx(stroke[-1])
    for axis in (0, 1):
        values = [one[axis] for one in stroke]
        assert all(min(values) - 1e-6 <= one[axis] <= max(values) + 1e-6 for one in found)


def test_a_scribble_and_a_point_outside_give_the_thing_they_say(room):
    """The purple ball lies around (476, 276) of the sample, the floor below 450."""
    method = openseg.load("box_to_mask")
    stroke = [[450, 260], [465, 290], [490, 305], [505, 270]]
    result = method(room, scribbles=[stroke], negative_points=[[360, 560], [250, 520]])
    [mask] = result.masks
    assert all(mask[y, x] for x, y in stroke)
    assert not mask[560, 360]
    assert not mask[520, 250]


def test_methods_without_points_say_so(room):
    with pytest.raises(UserError, match="takes no scribbles"):
        openseg.load("grounded_sam")(room, text="cup", scribbles=[[(1, 1)]])
    with pytest.raises(UserError, match="--scribble"):
        openseg.load("box_to_mask")(room)
