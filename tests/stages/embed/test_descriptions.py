"""Descriptions as vectors: the encoder's own, and nothing where nothing was said."""

from __future__ import annotations

import pytest
import torch

from openseg.models.store import ModelStore
from openseg.ops.text import parse_query
from openseg.stages.embed.descriptions import EmbedDescriptions
from openseg.types import Answer, Descriptions


@pytest.fixture(scope="module")
def encoder():
    return ModelStore().load("clip")


def told(*texts: str) -> Descriptions:
    return Descriptions(tuple(Answer(text, "?", text, "" if text else "why") for text in texts))


def test_a_missing_description_is_like_nothing(encoder):
    stage = EmbedDescriptions(EmbedDescriptions.Config(), encoder)
    found = stage.run([told("a red cup", ""), told("", "")])
    vectors = found.phrases[0].vectors
    assert torch.allclose(vectors[0], encoder.encode_texts(["a red cup"])[0], atol=1e-5)
    assert vectors[1].tolist() == [0.0] * vectors.shape[1]
    assert not found.regions[1].vectors.any()
    assert torch.equal(found.regions[0].vectors, vectors)


def test_with_the_query_its_own_words_stand_where_nothing_was_said(encoder):
    stage = EmbedDescriptions(EmbedDescriptions.Config(), encoder)
    found = stage.run([told("", "a hat")], [parse_query("the blue lamp; hat")])
    wanted = encoder.encode_texts(["the blue lamp", "a hat"])
    assert torch.allclose(found.phrases[0].vectors, wanted, atol=1e-5)


def test_no_description_at_all(encoder):
    stage = EmbedDescriptions(EmbedDescriptions.Config(), encoder)
    [found] = stage.run([told()]).regions
    assert len(found) == 0
