"""Labels stay inside the picture, off each other, and near what they name."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openseg.io.drawing.chips import draw_chip, make_chips, place_chips

PICTURE = (640, 480)


def place(sizes, regions, picture=PICTURE):
    regions = np.array(regions, dtype=np.int64).reshape(-1, 4)
    sizes = np.array(sizes, dtype=np.int64).reshape(-1, 2)
    places = place_chips(sizes, regions, (regions[:, 0] + regions[:, 2]) // 2, picture)
    return np.concatenate([places, places + sizes], axis=1)


def shared(a, b):
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    return np.maximum(high - low, 0).prod()


@given(st.data())
@settings(deadline=None)
def test_chips_stay_inside_any_picture(data):
    width, height = data.draw(st.tuples(st.integers(1, 300), st.integers(1, 300)))
    x, y = st.integers(0, width), st.integers(0, height)
    regions = [
        [*np.minimum(a, b), *np.maximum(a, b)]
        for a, b in data.draw(st.lists(st.tuples(st.tuples(x, y), st.tuples(x, y)), max_size=6))
    ]
    sizes = [data.draw(st.tuples(st.integers(1, width), st.integers(1, height))) for _ in regions]
    rects = place(sizes, regions, (width, height))
    assert (rects[:, :2] >= 0).all()
    assert (rects[:, 2:] <= (width, height)).all()


def test_a_chip_sits_centred_on_its_region():
    assert place([(100, 20)], [(200, 200, 400, 300)]).tolist() == [[250, 180, 350, 200]]


def test_a_chip_at_the_top_moves_inside():
    assert place([(100, 20)], [(200, 0, 400, 300)]).tolist() == [[250, 0, 350, 20]]


def test_chips_of_the_same_place_do_not_cover_each_other():
    rects = place([(100, 20)] * 8, [(200, 200, 400, 300)] * 8)
    assert all(shared(rects[i], rects[k]) == 0 for i in range(8) for k in range(i))


def test_a_chip_does_not_hide_a_small_region():
    small, below = (280, 175, 320, 195), (200, 200, 400, 300)
    rects = place([(100, 20), (60, 20)], [below, small])
    assert shared(rects[0], np.array(small)) == 0
    assert shared(rects[0], rects[1]) == 0


def test_no_chips():
    assert place([], []).shape == (0, 4)


def test_long_words_are_cut_to_half_the_picture_and_keep_their_score():
    (chip,) = make_chips([("a phrase of very many words " * 30, "0.75")], 20, PICTURE)
    assert chip.size[0] <= PICTURE[0] / 2
    assert chip.name.startswith("a phrase of")
    assert chip.name.endswith("...")
    assert chip.score == "0.75"


def test_many_chips_get_a_smaller_font():
    few = make_chips([("red cup", "0.50")], 20, PICTURE)
    many = make_chips([("red cup", "0.50")] * 80, 20, PICTURE)
    assert 8 <= many[0].font.size < few[0].font.size == 20
    assert sum(np.prod(chip.size) for chip in many) < 0.25 * np.prod(PICTURE)


def test_nothing_to_say_or_no_room_to_say_it():
    assert make_chips([("", ""), ("cup", "")], 20, (4, 4)) == [None, None]
    assert make_chips([("", "")], 20, PICTURE) == [None]


@pytest.mark.parametrize("name", ["red cup", "猫", "", "gjpqy ÄÉ"])
def test_a_chip_is_drawn_within_its_size(name):
    (chip,) = make_chips([(name, "0.50")], 24, PICTURE)
    picture = PIL.Image.new("RGB", PICTURE)
    draw_chip(picture, chip, (30, 40), (86, 180, 233))
    left, top, right, bottom = picture.getbbox()
    assert (left, top) == (30, 40)
    assert (right - left, bottom - top) == chip.size
    # The text keeps clear of the plate's edge, down to its descenders.
    plate = np.asarray(picture)[top + 2 : bottom - 2, left + 4 : right - 4].astype(int)
    dark = plate.sum(axis=2) < 200
    assert dark.any()
    assert not dark[[0, -1]].any()
    assert not dark[:, [0, -1]].any()
