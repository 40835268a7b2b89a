"""The waterfall's arithmetic, its text and its drawing."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openseg_evals.oracle.chart import draw_waterfall
from openseg_evals.oracle.waterfall import Waterfall, waterfall

SVG = "{http://www.w3.org/2000/svg}"
LABELS = {"score": "perfect score (a)", "grounding": "perfect text <b> & (c)", "masks": "masks (d)"}


def made(name: str = "mine") -> Waterfall:
    steps = {"score": 75.0, "grounding": 70.0, "masks": 97.5}
    return waterfall(name, "mIoU", 60.0, steps, LABELS)


def test_gains_are_differences_and_a_loss_is_shown_as_one():
    assert [(row.step, row.value, row.gain) for row in made().rows] == [
        ("score", 75.0, 15.0),
        ("grounding", 70.0, -5.0),
        ("masks", 97.5, 27.5),
        ("protocol", 100.0, 2.5),
    ]


def test_no_protocol_row_where_the_last_step_reaches_the_best():
    rows = waterfall("mine", "mIoU", 0.6, {"masks": 1.0}, LABELS, best=1.0).rows
    assert [(row.step, row.gain) for row in rows] == [("masks", 0.4)]


@given(st.floats(0, 100), st.dictionaries(st.sampled_from(sorted(LABELS)), st.floats(0, 100)))
def test_gains_add_up_to_what_the_score_lacks(score, steps):
    rows = waterfall("mine", "mIoU", score, steps, LABELS).rows
    assert sum(row.gain for row in rows) == pytest.approx(100 - score, abs=1e-6)


def test_the_text_has_a_line_a_step_with_sign_and_nodes():
    lines = made().as_text().splitlines()
    assert len(lines) == 6
    assert lines[1].split()[:2] == ["mine", "60.00"]
    assert "-5.00" in lines[3]
    assert "+27.50" in lines[4]
    assert "masks (d)" in lines[4]


def test_fractions_are_written_with_more_decimals():
    lines = waterfall("mine", "gIoU", 0.61, {"masks": 0.6133}, LABELS, best=1.0).as_text()
    assert "+0.0033" in lines


def drawing(given: Waterfall) -> ET.Element:
    return ET.fromstring(draw_waterfall(given))  # noqa: S314 (our own text)


def test_the_drawing_is_sound_whatever_things_are_called():
    svg = drawing(made("<script>alert(1)</script> & co"))
    words = [one.text for one in svg.iter(f"{SVG}text")]
    assert "<script>alert(1)</script> & co: what each stage costs" in words
    assert not list(svg.iter(f"{SVG}script"))
    assert any("<b> &" in "".join(one.itertext()) for one in svg.iter(f"{SVG}text"))


def test_the_drawing_fetches_nothing():
    text = draw_waterfall(made()).replace("http://www.w3.org/2000/svg", "")
    assert "http" not in text
    assert "href" not in text


def test_bars_have_the_length_of_the_gains_and_join():
    bars = [
        (one.get("class"), float(one.get("x")), float(one.get("width")))
        for one in drawing(made()).iter(f"{SVG}rect")
    ]
    assert [kind for kind, _, _ in bars] == ["score", "gain", "loss", "gain", "protocol"]
    unit = bars[0][2] / 60
    assert [width / unit for _, _, width in bars] == pytest.approx([60, 15, 5, 27.5, 2.5], abs=0.1)
    zero = bars[0][1]
    assert [(x - zero) / unit for _, x, _ in bars] == pytest.approx([0, 60, 70, 70, 97.5], abs=0.1)
