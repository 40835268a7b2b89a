"""What `score.by_name` makes of words: each is looked up among the names a model knows."""

from __future__ import annotations

import torch
from torch.nn.functional import normalize

from openseg.stages.score.by_name import ByName
from openseg.types import TextEmbeddings
from tests.stages.values import query_of, similarity

CUP, CHAIR, WALL = torch.eye(4)[:3]
MUG = normalize(CUP + 0.5 * torch.eye(4)[3], dim=0)
KNOWN = query_of("cup", "chair", "wall")
NAMES = TextEmbeddings(torch.stack([CUP, CHAIR, WALL]))
ONE_OF_EACH = similarity([[1, 0, 0], [0, 1, 0], [0, 0, 1]])


def run(classes, *words):
    asked = query_of(*(f"word {place}" for place in range(len(words))))
    vectors = TextEmbeddings(torch.stack(words) if words else torch.zeros(0, 4))
    return ByName(ByName.Config()).run([classes], [KNOWN], [NAMES], [asked], [vectors])


def scores(*words, classes=ONE_OF_EACH):
    return run(classes, *words).similarity[0].values


def test_a_known_word_gets_the_regions_of_its_class():
    torch.testing.assert_close(scores(CUP, CHAIR, WALL), torch.eye(3))


def test_regions_that_nobody_asked_for_score_nothing():
    torch.testing.assert_close(scores(CHAIR), torch.tensor([[0.0], [1.0], [0.0]]))


def test_another_word_stands_for_the_name_most_like_it_after_the_name_itself():
    found = scores(MUG, CUP)
    assert found[0, 1] == 1
    assert 0.8 < found[0, 0] < 1
    assert (found[1:] == 0).all()


def test_chances_carry_over_and_no_region_is_no_row():
    assert torch.equal(scores(WALL, classes=similarity([[0.2, 0, 0.7]])), torch.tensor([[0.7]]))
    assert scores(WALL, CUP, classes=similarity([], 3)).shape == (0, 2)


def test_without_words_every_known_name_is_asked_for():
    found = run(ONE_OF_EACH)
    assert torch.equal(found.similarity[0].values, ONE_OF_EACH.values)
    assert [phrase.text for phrase in found.query[0].phrases] == ["cup", "chair", "wall"]
    assert run(ONE_OF_EACH, WALL).query[0].phrases[0].text == "word 0"
