"""Words to look for: nouns and what is said of them, by their places in the query."""

from __future__ import annotations

from openseg.ops.sentences.content import content_words
from openseg.ops.text import parse_query
from openseg.types import ParsedQuery
from tests.stages.trees import tree


def words_of(text, *trees):
    query = parse_query(text)
    found = content_words(query, ParsedQuery(trees))
    assert [query.text[a:b] for a, b in (word.span for word in found.items)] == [
        word.text for word in found.items
    ]
    return [(word.text, word.class_id) for word in found.items]


def test_nouns_come_first_then_what_is_said_of_them():
    cup = tree("the red cup on the wooden table", "det:2 amod:2 root case:6 det:6 amod:6 nmod:2")
    assert words_of("the red cup on the wooden table", cup) == [
        ("cup", 0),
        ("table", 0),
        ("red", 0),
        ("wooden", 0),
    ]


def test_compounds_stay_together_and_what_is_denied_is_left_out():
    chair = tree("office chair that is not red", "compound:1 root mark:5 mark:5 neg:5 amod:1")
    hat = tree("hat", "root")
    assert words_of("office chair that is not red; hat", chair, hat) == [
        ("office chair", 0),
        ("hat", 1),
    ]
