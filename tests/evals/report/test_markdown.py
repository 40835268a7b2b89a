"""The Markdown report: tables that parse, whatever the words in them."""

from __future__ import annotations

import re

import pytest

from openseg_evals.report.numbers import number, shown, with_interval
from openseg_evals.report.text import as_json, as_text


def tables(markdown):
    """Tables as GitHub reads them: title, head, rows."""
    found = []
    for block in re.split(r"\n(?=#+ )", re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        if rows:
            head, rule, *body = ([*map(str.strip, cells(row))] for row in rows)
            assert set("".join(rule)) == {"-"}
            found.append((block.splitlines()[0].lstrip("# "), head, body))
    return found


def cells(row):
    assert row.endswith("|")
    return re.split(r"(?<!\\)\|", row)[1:-1]


def test_tables_parse(markdown):
    found = tables(markdown)
    assert [title for title, _, _ in found][:3] == [
        "Scores",
        "Which differences are real",
        "Beside published numbers",
    ]
    for _, head, rows in found:
        assert rows
        assert all(len(row) == len(head) for row in rows)
    published = found[2][2]
    assert published[0][0] == r"Old \| Method &lt;2>"


def test_words_are_not_markup(markdown):
    assert "<" not in re.sub(r"```.*?```", "", markdown, flags=re.DOTALL)


def test_it_says_what_the_page_says(markdown, page):
    numbers = re.findall(r"\d+\.\d+ \[\d+\.\d+, \d+\.\d+\]", markdown)
    assert len(numbers) >= 6
    assert all(one in page for one in numbers)
    assert "perfect text grounding (find)" in markdown
    assert "Version 1, 15 samples, metric `referring`" in markdown


def test_text_and_json_agree_with_the_results(evaluation, results):
    told = as_json(evaluation.folder, results)
    assert set(told) == {"benchmark", "samples", "pipelines", "paired", "out"}
    for name, one in told["pipelines"].items():
        assert one["metrics"] == results["pipelines"][name]["metrics"]
        assert one["seconds"] >= 0
    text = as_text(evaluation.folder, results)
    assert "toy: 15 units, 15 samples" in text
    assert "five: 5 samples failed and count as empty; the first: 3-103:" in text
    assert "two - five: +" in text
    assert str(evaluation.folder / "report.html") in text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (0.0, "0.000"), (0.12345, "0.123"), (12.345, "12.3"), (100.0, "100.0")],
)
def test_numbers_have_the_digits_that_mean_something(value, text):
    assert number(value) == text


def test_signs_and_intervals():
    assert number(-0.5, signed=True) == "-0.500"
    assert number(3.0, signed=True) == "+3.000"
    assert with_interval({"value": 50.0, "ci": [40.0, 60.0]}) == "50.0 [40.0, 60.0]"
    assert with_interval({"value": 50.0, "ci": None}) == "50.0"
    assert with_interval({"value": None, "ci": None}) == "-"


def test_the_main_number_comes_first():
    metrics = {"metrics": {"a": {}, "b": {}, "c": {}}}
    assert shown({"pipelines": {"p": metrics}, "shown": ["a", "b"], "main": "b"}) == ["b", "a"]
    assert shown({"pipelines": {"p": metrics}, "shown": [], "main": "c"}) == ["c", "a", "b"]
