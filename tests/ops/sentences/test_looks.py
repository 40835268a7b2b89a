"""What detectors and encoders are asked for: looks of things, without what needs other things."""

from __future__ import annotations

import pytest

from openseg.ops.sentences import looks
from openseg.ops.text import parse_query
from tests.stages.trees import tree


@pytest.mark.parametrize(
    ("text", "roles", "expected"),
    [
        ("the red mug", "det:2 amod:2 root", ["red mug"]),
        ("the mug that is red", "det:1 root mark:4 mark:4 amod:1", ["red mug"]),
        ("the largest red mug", "det:3 amod:3 amod:3 root", ["red mug"]),
        ("two office chairs", "num:2 compound:2 root", ["office chairs"]),
        ("mug on the wooden table", "root case:4 det:4 amod:4 nmod:0", ["mug", "wooden table"]),
        ("mug that is not plain", "root mark:4 mark:4 neg:4 amod:0", ["mug", "plain mug"]),
        (
            "handle of the red mug",
            "root case:4 det:4 amod:4 nmod:0",
            ["handle of the red mug", "red mug"],
        ),
        ("something to sit on", "root mark:2 acl:0 fixed:2", ["something to sit on"]),
    ],
)
def test_looks_of_phrases(text, roles, expected):
    query = looks.as_query(parse_query(text), (tree(text, roles),))
    assert [phrase.text for phrase in query.phrases] == expected


def test_the_same_looks_in_two_phrases_are_one_class():
    query = looks.as_query(
        parse_query("a mug; Mug"), (tree("a mug", "det:1 root"), tree("Mug", "root"))
    )
    assert [(phrase.text, phrase.class_id) for phrase in query.phrases] == [("mug", 0)]
    [phrase] = query.phrases
    assert query.text[slice(*phrase.span)] == phrase.text
