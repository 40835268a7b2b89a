"""Chances of classes: CLIP's, those of two classifiers joined, known and novel classes."""

from __future__ import annotations

import pytest
import torch

from openseg.stages.score.by_novelty import ByNovelty
from openseg.stages.score.by_quality import ByQuality
from openseg.stages.score.classify import Classify
from openseg.stages.score.geometric_ensemble import GeometricEnsemble
from openseg.types import RegionEmbeddings, Scores, Similarity, TextEmbeddings
from tests.stages.values import query_of, similarity, unit


class Scaled:
    """The part of an encoder that compares."""

    def logits(self, images, texts):
        return 100 * images @ texts.T


def classify(regions, texts, query):
    stage = Classify(Classify.Config(), Scaled())
    return stage.run([RegionEmbeddings(regions)], [TextEmbeddings(texts)], [query]).similarity[0]


def test_chances_are_over_classes_and_the_best_name_counts():
    regions, texts = unit(5, 16, 0), unit(4, 16, 1)
    found = classify(regions, texts, query_of("a", "b|c", "d")).values
    logits = 100 * regions @ texts.T
    classes = torch.stack([logits[:, 0], logits[:, 1:3].amax(dim=1), logits[:, 3]], dim=1)
    torch.testing.assert_close(found[:, [0, 1, 3]], classes.softmax(dim=1))
    assert torch.equal(found[:, 1], found[:, 2])


def test_one_word_is_certain_and_two_thousand_share():
    assert classify(unit(2, 8, 0), unit(1, 8, 1), query_of("a")).values.tolist() == [[1.0], [1.0]]
    many = classify(unit(3, 8, 0), unit(2000, 8, 1), query_of(*map(str, range(2000))))
    torch.testing.assert_close(many.values.sum(dim=1), torch.ones(3))
    assert classify(unit(0, 8, 0), unit(3, 8, 1), query_of("a", "b", "c")).values.shape == (0, 3)


def ensemble(inside, outside, query, known, **settings):
    stage = GeometricEnsemble(GeometricEnsemble.Config(**settings))
    return stage.run([Similarity(inside)], [Similarity(outside)], [query], [known]).similarity[0]


def test_the_ensemble_is_fc_clips():
    inside = torch.randn(6, 4, generator=torch.Generator().manual_seed(0)).softmax(dim=1)
    outside = torch.randn(6, 4, generator=torch.Generator().manual_seed(1)).softmax(dim=1)
    seen = torch.tensor([1.0, 0.0, 1.0, 0.0])
    # As FC-CLIP writes it: logarithms of both means, masked and added, then a softmax.
    known = (inside**0.6 * outside**0.4).log() * seen
    novel = (inside**0.2 * outside**0.8).log() * (1 - seen)
    expected = (known + novel).softmax(dim=1)
    query = query_of("cup", "axolotl", "Office  Chair", "quokka")
    found = ensemble(inside, outside, query, query_of("office chair", "cup", "wall"))
    torch.testing.assert_close(found.values, expected)


def test_a_class_is_known_by_any_of_its_names():
    inside, outside = torch.tensor([[0.9, 0.9, 0.1]]), torch.tensor([[0.2, 0.2, 0.8]])
    query = query_of("mug|cup", "hat")
    of_known = ensemble(inside, outside, query, query_of("cup"), alpha=0, beta=1)
    torch.testing.assert_close(of_known.values, torch.tensor([[0.9, 0.9, 0.8]]) / 1.7)
    of_none = ensemble(inside, outside, query, query_of("chair"), alpha=0, beta=1)
    torch.testing.assert_close(of_none.values, outside)


@pytest.mark.parametrize("weight", [0.0, 0.4, 1.0])
def test_impossible_regions_stay_finite(weight):
    zeros = torch.zeros(2, 2)
    found = ensemble(zeros, zeros, query_of("a", "b"), query_of("a"), alpha=weight, beta=weight)
    assert found.values.isfinite().all()
    none = ensemble(zeros[:0], zeros[:0], query_of("a", "b"), query_of("a"))
    assert none.values.shape == (0, 2)


def test_known_and_novel_classes_have_weights_of_their_own():
    stage = ByNovelty(ByNovelty.Config(known_weight=0, novel_weight=0.2))
    query, known = query_of("mug|cup", "hat"), query_of("CUP")
    [found] = stage.run([similarity([[0.5, 0.4, 1.0]])], [query], [known]).similarity
    torch.testing.assert_close(found.values, torch.tensor([[0.0, 0.0, 0.2]]))


def test_a_doubtful_mask_makes_a_doubtful_answer():
    quality = Scores(torch.tensor([0.5, 1.0]))
    [found] = (
        ByQuality(ByQuality.Config())
        .run([similarity([[0.8, 0.2], [0.1, 0.9]])], [quality])
        .similarity
    )
    torch.testing.assert_close(found.values, torch.tensor([[0.4, 0.1], [0.1, 0.9]]))
