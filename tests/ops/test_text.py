"""How a typed text becomes phrases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openseg.ops.text import parse_query
from openseg.types.errors import InputError


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("the red mug", ["the red mug"]),
        ("the red mug;chairs", ["the red mug", "chairs"]),
        ("a cat. a remote control.", ["a cat", "a remote control"]),
        ("cat\ndog\n", ["cat", "dog"]),
        ("t. rex; a 3.5 inch disk", ["t. rex", "a 3.5 inch disk"]),
        (" ; cat ;; ", ["cat"]),
        ("größte Tasse; 杯子", ["größte Tasse", "杯子"]),
    ],
)
def test_phrases_of_a_text(text, phrases):
    assert [phrase.text for phrase in parse_query(text).phrases] == phrases


def test_classes_count_distinct_phrases():
    assert [p.class_id for p in parse_query("Cat; dog; cat; cow").phrases] == [0, 1, 0, 2]


@pytest.mark.parametrize("text", ["", "   ", ";", ".", "\n;\n"])
def test_a_text_that_names_nothing_is_refused(text):
    with pytest.raises(InputError, match="nothing to look for"):
        parse_query(text)


@given(st.text(max_size=80))
def test_spans_point_at_the_phrase(text):
    try:
        query = parse_query(text)
    except InputError:
        return
    for phrase in query.phrases:
        start, end = phrase.span
        assert text[start:end] == phrase.text
