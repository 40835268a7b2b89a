"""Replies as models give them: what is taken for an answer, and what is not."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from openseg.stages.answer_shape import AnswerShape, BadAnswerError, fill

CAPTION = AnswerShape(begins="A photo of", says="a photo of {text}")
PARTS = AnswerShape(
    fields={"referent": "what", "around": "what else"}, says="{referent} surrounded by {around}"
)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("A photo of a man in a white shirt.", "a photo of a man in a white shirt"),
        ('"a photo of two red cups"', "a photo of two red cups"),
        ("Sure! Here it is:\n\n**A photo of a dog**\n\nAnything else?", "a photo of a dog"),
        ("Caption: A PHOTO OF a chair", "a photo of a chair"),
    ],
)
def test_a_caption_is_found_whatever_stands_around_it(reply, answer):
    assert CAPTION.read(reply) == answer


@pytest.mark.parametrize(
    "reply", ["I'm sorry, I can't help with that.", "A photo of", "A photo of ...", "a photograph"]
)
def test_what_is_no_caption_gives_no_answer(reply):
    with pytest.raises(BadAnswerError):
        CAPTION.read(reply)


@pytest.mark.parametrize(
    "reply",
    [
        '{"referent": "a man", "around": "a dog, a tree"}',
        '```json\n{"around": ["a dog", "a tree"], "referent": " a\\n man. ", "more": 1}\n```',
    ],
)
def test_fields_come_out_of_an_object_wherever_it_stands(reply):
    assert PARTS.read(reply) == "a man surrounded by a dog, a tree"


@pytest.mark.parametrize(
    "reply",
    [
        "a man next to a dog",
        '{"referent": "a man"',
        '{"referent": "a man"}',
        '{"referent": "a man", "around": ""}',
        '{"referent": "a man", "around": []}',
        '{"referent": "a man", "around": {"a": "dog"}}',
        '{"referent": "a man", "around": null}',
        '["a man", "a dog"]',
        "}{",
    ],
)
def test_an_object_that_lacks_something_gives_no_answer(reply):
    with pytest.raises(BadAnswerError):
        PARTS.read(reply)


def test_an_answer_that_is_too_long_or_is_none_is_refused():
    short = AnswerShape(most_words=3, never=("no", "nothing"))
    assert short.read("\n a red cup\nmore") == "a red cup"
    for reply in ("one two three four", "No.", "nothing", "?!"):
        with pytest.raises(BadAnswerError):
            short.read(reply)


def test_a_choice_is_taken_word_for_word():
    shape = AnswerShape(choices=("yes", "no"))
    assert shape.read("no") == "no"
    with pytest.raises(BadAnswerError, match="yes, no"):
        shape.read("maybe")


def test_servers_are_told_the_fields():
    schema = PARTS.json_schema()
    assert schema["required"] == ["referent", "around"]
    assert schema["additionalProperties"] is False
    assert CAPTION.json_schema() is None


def test_braces_in_what_is_filled_in_mean_nothing():
    assert fill('{"a": "{phrase}"} {phrase}', {"phrase": "{phrase} {x}"}) == (
        '{"a": "{phrase} {x}"} {phrase} {x}'
    )


@pytest.mark.parametrize(
    "wrong",
    [{"choices": ["a"], "begins": "b"}, {"says": "{other}"}, {"says": "nothing"}, {"more": 1}],
)
def test_a_shape_that_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValidationError):
        AnswerShape(**wrong)
