"""Scores of language models that answer in known ways."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from openseg.mini.measures.language import language_scores
from openseg.mini.recipes.stills import Still, Stills
from openseg.models.protocols import Reply, VisionLanguage, VisualQuestion
from openseg.models.reply_errors import EmptyReplyError, ReplyError


class Answering:
    """Answers by a rule over the words, without looking."""

    wording = "rooms"

    def __init__(self, rule: Callable[[str], str]) -> None:
        self._rule = rule

    def ask(self, questions: Sequence[VisualQuestion], max_tokens: int) -> list[Reply | ReplyError]:
        said = [self._rule(question.text) for question in questions]
        return [Reply(text) if text else EmptyReplyError("nothing") for text in said]


@pytest.fixture(scope="module")
def stills(tmp_path_factory: pytest.TempPathFactory) -> list[Still]:
    pytest.importorskip("pyvista")
    from openseg.mini.rooms.render import Renderer
    from openseg.mini.rooms.shards import ShardJob, write_shard

    root: Path = tmp_path_factory.mktemp("shards")
    write_shard(ShardJob("test_unseen", 0, 2, root), Renderer(256, 256))
    return Stills(root, "test_unseen").first(2)


def test_who_always_says_yes_is_half_right(stills):
    model = Answering(lambda text: "yes")
    assert isinstance(model, VisionLanguage)
    scores = language_scores(model, stills)
    assert scores["yes-no"].value == 0.5
    assert scores["yes-no"].count > 50
    assert scores["attributes"].value == 0
    assert scores["is colour"].value == 0.5


def test_who_says_nothing_is_never_right(stills):
    scores = language_scores(Answering(lambda text: ""), stills)
    assert scores["yes-no"].value == 0
    assert scores["attributes"].value == 0


def test_who_takes_the_first_of_two_is_right_about_half_the_time(stills):
    def first(text: str) -> str:
        return text.removeprefix("is it ").removeprefix("is this thing ").split(" or ")[0]

    scores = language_scores(Answering(first), stills)
    assert 0.1 < scores["choose colour"].value < 0.9


def test_one_description_for_all_finds_a_target_by_chance_only(stills):
    scores = language_scores(Answering(lambda text: "a thing"), stills)
    assert scores["target by description"].count > 10
    assert scores["target by description"].value < 0.7


def test_held_out_questions_are_counted_apart(stills):
    scores = language_scores(Answering(lambda text: "no"), stills)
    assert 0 < scores["yes-no, held-out"].count < scores["yes-no"].count
    assert not math.isnan(scores["attributes, held-out"].value)
