"""Yes and no of every region and phrase: the right pairs, texts, pictures; what is missing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from openseg.io.images import image_from
from openseg.ops.text import parse_query
from openseg.stages.score.judge import Judge
from openseg.types import Answer, Descriptions, Masks
from openseg.types.errors import InputError
from tests.stages.asked import answering

IMAGE = image_from(np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8), "noise")
QUERY = parse_query("a cup; a hat")


def masks(count: int) -> Masks:
    data = torch.zeros(count, 20, 30, dtype=torch.bool)
    for row in range(count):
        data[row, 2 : 5 + row, 3:9] = True
    return Masks(data)


def told(*texts: str) -> Descriptions:
    return Descriptions(
        tuple(Answer(text, "?", text, "" if text else "asked twice") for text in texts)
    )


def test_every_region_is_asked_about_every_phrase():
    with answering(lambda text: "Yes." if "hat" in text else "no") as heard:
        found = Judge(Judge.Config(), heard.language).run([IMAGE], [masks(3)], [QUERY])
    assert found.similarity[0].values.tolist() == [[0, 1], [0, 1], [0, 1]]
    assert heard.words == ["is it a cup?", "is it a hat?"] * 3
    answers = found.answers[0]
    assert len(answers) == 3
    assert [one.text for one in answers.row(2)] == ["no", "yes"]


def test_what_was_said_fills_the_prompt_row_by_row():
    with answering(lambda text: "no") as heard:
        stage = Judge(Judge.Config(prompt="same_region"), heard.language)
        stage.run([IMAGE], [masks(2)], [QUERY], [told("a red cup", "a hat")], [told("one", "two")])
    assert heard.words == [
        "one. is it a red cup?",
        "one. is it a hat?",
        "two. is it a red cup?",
        "two. is it a hat?",
    ]


def test_a_missing_candidate_is_not_asked_about_and_a_missing_reference_is_the_phrase():
    with answering(lambda text: "yes") as heard:
        stage = Judge(Judge.Config(prompt="same_region"), heard.language)
        found = stage.run([IMAGE], [masks(2)], [QUERY], [told("", "a hat")], [told("one", "")])
    assert heard.words == ["one. is it a cup?", "one. is it a hat?"]
    assert found.similarity[0].values.tolist() == [[1, 1], [0, 0]]
    missing = [one.missing for one in found.answers[0].row(1)]
    assert missing == ["there is no candidate text"] * 2


def test_an_answer_that_is_neither_counts_as_no_and_is_missing():
    with answering(lambda text: "perhaps") as heard:
        found = Judge(Judge.Config(), heard.language).run([IMAGE], [masks(1)], [parse_query("cup")])
    assert heard.words == ["is it cup?", "is this cup?"]
    assert found.similarity[0].values.tolist() == [[0]]
    assert found.answers[0].missing == 1


def test_no_region_gives_an_empty_table():
    with answering(lambda text: "yes") as heard:
        found = Judge(Judge.Config(), heard.language).run([IMAGE], [masks(0)], [QUERY])
    assert found.similarity[0].values.shape == (0, 2)
    assert len(found.answers[0]) == 0
    assert heard.words == []


def test_a_prompt_that_needs_texts_says_what_to_connect():
    with answering(lambda text: "yes") as heard:
        stage = Judge(Judge.Config(prompt="shows_reference"), heard.language)
        with pytest.raises(InputError, match="connect `references`"):
            stage.run([IMAGE], [masks(1)], [QUERY])


def test_a_prompt_that_is_not_answered_by_yes_or_no_is_refused():
    with pytest.raises(ValidationError, match="must be"):
        Judge.Config(prompt="attributes")
