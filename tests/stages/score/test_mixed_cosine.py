"""`score.mixed_cosine` against the formula worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from openseg.stages.score.mixed_cosine import MixedCosine
from openseg.types import RegionEmbeddings, TextEmbeddings

EAST, NORTH = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])


def fit(**settings) -> float:
    stage = MixedCosine(MixedCosine.Config(**settings))
    regions, others = RegionEmbeddings(EAST), RegionEmbeddings(NORTH)
    phrases, nouns = TextEmbeddings(NORTH), TextEmbeddings(EAST)
    [similarity] = stage.run([regions], [others], [phrases], [nouns]).similarity
    return float(similarity.values)


def test_all_of_the_first_is_the_plain_cosine():
    assert fit(region_share=1, phrase_share=1) == pytest.approx(0)
    assert fit(region_share=1, phrase_share=0) == pytest.approx(1)
    assert fit(region_share=0, phrase_share=1) == pytest.approx(1)


def test_mixtures_have_unit_length_again():
    # (0.8, 0.2) and (0.5, 0.5): cosine of the angle between them.
    angle = math.atan2(0.5, 0.5) - math.atan2(0.2, 0.8)
    assert fit(region_share=0.8, phrase_share=0.5) == pytest.approx(math.cos(angle))
