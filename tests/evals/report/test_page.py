"""The HTML report: whole, safe, self-contained, and saying what `results.json` says."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from openseg_evals.report.intervals import draw_intervals
from tests.evals.report.conftest import NASTY

VOID = {"meta", "img", "br"}


class Reader(HTMLParser):
    """Checks that elements are closed in order, and collects what there is."""

    def __init__(self):
        super().__init__()
        self.open, self.elements, self.ids, self.text = [], [], [], []
        self.tables = []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self.ids += [value for name, value in attributes if name == "id"]
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in {"td", "th"}:
            self.tables[-1][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)
        if self.open and self.open[-1] in {"td", "th"}:
            self.tables[-1][-1][-1] += data


@pytest.fixture(scope="module")
def read(page):
    reader = Reader()
    reader.feed(page)
    reader.close()
    return reader


def test_elements_are_closed_in_order(read):
    assert read.open == []
    assert [tag for tag, _ in read.elements].count("body") == 1


def test_it_needs_nothing_from_outside(read, page):
    assert not {tag for tag, _ in read.elements} & {"script", "link", "iframe", "object", "form"}
    for _, attributes in read.elements:
        for name in ("src", "href", "xlink:href", "action"):
            assert attributes.get(name, "data:").startswith("data:")
        assert not any(name.startswith("on") for name in attributes)
    assert not re.search(r"@import|url\((?!#)", page)


def test_words_of_the_data_cannot_become_markup(read, page):
    assert "<script>" not in page
    assert "<b>bold</b>" not in page
    text = " ".join(read.text)
    assert NASTY in text
    assert "Rectangles, <b>bold</b> ones." in text
    assert "Old | Method <2>" in text
    alts = [attributes["alt"] for tag, attributes in read.elements if tag == "img"]
    assert any(NASTY in alt for alt in alts)


def test_tables_are_rectangular_and_hold_the_results(read, results):
    for table in read.tables:
        assert len({len(row) for row in table}) == 1
    scores = read.tables[0]
    assert scores[0] == ["pipeline", "mIoU", "oIoU", "P@0.9", "failed"]
    assert [row[0] for row in scores[1:]] == ["two", "five"]
    mine = results["pipelines"]["two"]["metrics"]["mIoU"]
    value, low, high = (float(one) for one in re.findall(r"[\d.]+", scores[1][1]))
    assert [value, low, high] == pytest.approx([mine["value"], *mine["ci"]], abs=0.05)
    assert scores[2][4] == "5"


def test_heads_stand_above_what_they_name(page):
    for table in re.findall(r"<table>.*?</table>", page, re.DOTALL):
        kinds = [
            [kind for _, kind in re.findall(r"<(t[hd])( class=\"words\")?>", row)]
            for row in re.findall(r"<tr>.*?</tr>", table)
        ]
        assert all(row == kinds[0] for row in kinds)


def test_every_part_is_there(read, results):
    titles = [" ".join(text.split()) for text in read.text if text.strip()]
    for title in (
        "Scores", "What each stage costs", "Which differences are real", "Beside published numbers",
        "mIoU by size", "mIoU by category", "Cases of two", "Cases of five", "What it cost",
        "Samples that failed",
    ):  # fmt: skip
        assert title in titles
    assert "Benchmark version 1; 15 samples;" in " ".join(titles)
    published = next(one for one in read.tables if one[0][0] == "published method")
    gap = results["pipelines"]["two"]["metrics"]["mIoU"]["value"] - 50.5
    assert published[1][:5] == [
        "Old | Method <2>",
        "mIoU",
        "50.5",
        f"{gap + 50.5:.1f}",
        f"{gap:+.1f}",
    ]
    assert published[2][3:5] == ["-", "-"]


def test_cases_have_pictures(read):
    images = [attributes["src"] for tag, attributes in read.elements if tag == "img"]
    assert len(images) == 2 * 3 * 4  # two pipelines; best, median and worst
    for one in images:
        data = base64.b64decode(one.removeprefix("data:image/jpeg;base64,"))
        assert Image.open(io.BytesIO(data)).size == (80, 60)
    titles = [tag for tag, _ in read.elements if tag == "h3"]
    assert len(titles) == 6


def test_pictures_for_the_eye_have_words_for_the_ear(read):
    assert read.elements[1][1] == {"lang": "en"} or ("html", {"lang": "en"}) in read.elements
    for tag, attributes in read.elements:
        if tag == "img":
            assert attributes["alt"]
        if tag == "svg":
            assert attributes["role"] == "img"


def chart(higher=True, best=100.0, **rows):
    pipelines = {
        name: {"metrics": {"m": {"value": value, "ci": ci}}} for name, (value, ci) in rows.items()
    }
    return draw_intervals(
        {"main": "m", "best": best, "higher_is_better": higher, "pipelines": pipelines}
    )


def places(svg):
    width = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1])
    numbers = [float(x) for x in re.findall(r' (?:x1|x2|cx)="(-?[\d.]+)"', svg)]
    return width, numbers


@pytest.mark.parametrize(
    ("higher", "best", "rows"),
    [
        (True, 100.0, {"a": (50.0, (40.0, 60.0)), "b": (90.0, (80.0, 100.0))}),
        (True, 1.0, {"a": (1.0, (1.0, 1.0))}),
        (True, 100.0, {"a": (0.0, (0.0, 0.0))}),
        (True, 1.0, {"a": (0.0, (-0.2, 0.1))}),
        (False, 0.0, {"a": (30.0, (20.0, 45.0)), "b": (3.0, (2.0, 4.5))}),
        (False, 0.0, {"a": (0.0, (0.0, 0.0))}),
    ],
)
def test_intervals_stay_inside_their_chart(higher, best, rows):
    svg = chart(higher, best, **rows)
    width, numbers = places(svg)
    assert all(0 <= one <= width for one in numbers)
    lows = [float(one) for one in re.findall(r'<circle cx="([\d.]+)"', svg)]
    values = [value for value, _ in rows.values()]
    assert sorted(lows) == [x for _, x in sorted(zip(values, lows, strict=True))]


def test_long_names_are_cut_and_told_in_full():
    name = "long_" * 20
    svg = chart(**{name: (50.0, (40.0, 60.0))})
    assert f"<title>{name}</title>" in svg
    assert svg.count(name) == 1
    left = float(re.search(r'<text x="([\d.]+)" y="[\d.]+" text-anchor="end"[^>]*><title>', svg)[1])
    assert left > 6 * 40  # room for what is left of it


def test_no_chart_without_intervals():
    assert chart(a=(None, None)) == ""
