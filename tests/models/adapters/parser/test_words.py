"""How a phrase is split into words, and what the parser sees of a word."""

from __future__ import annotations

import pytest

from openseg.models.adapters.parser.words import FEATURES, features, word_spans


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("the red cup", ["the", "red", "cup"]),
        ("the cup's handle", ["the", "cup", "'s", "handle"]),
        ("the dog\u2019s ear", ["the", "dog", "\u2019s", "ear"]),
        ("man, in a t-shirt!", ["man", "in", "a", "t-shirt"]),
        ("a 3.5 inch disk that isn't red", ["a", "3.5", "inch", "disk", "that", "isn't", "red"]),
        ("die Tasse auf dem größten Tisch", ["die", "Tasse", "auf", "dem", "größten", "Tisch"]),
        ("赤い カップ", ["赤い", "カップ"]),
        ("...", ["..."]),
        ("", [""]),
    ],
)
def test_words_are_runs_of_letters_and_digits(text, words):
    assert [text[a:b] for a, b in word_spans(text)] == words


def test_a_word_is_itself_and_its_endings_whatever_its_case():
    rows = 4096
    holding, molding = features("holding", rows), features("Molding", rows)
    assert len(holding) == FEATURES
    assert holding[0] != molding[0]
    assert holding[1:] == molding[1:]
    assert features("MOLDING", rows) == molding
    assert features("ox", rows)[1:] == (0, 0, 0)
    assert all(0 < row < rows for row in holding)
