"""Heat of phrases and words is the model's attention to their tokens, read phrase by phrase."""

from __future__ import annotations

import pytest
import torch

from openseg.models.protocols import AttentionReading
from openseg.ops.text import parse_query
from openseg.stages.embed.concepts import EmbedConcepts
from openseg.stages.score import cross_attention
from openseg.stages.score.cross_attention import ScoreCrossAttention
from openseg.types import Phrase, Phrases
from openseg.types.errors import InputError
from tests.models.adapters.pictures import picture
from tests.stages.tiny import tiny_store

IMAGE = picture(40, 60)
CONFIG = ScoreCrossAttention.Config(noise_levels=(0.2,))
READING = AttentionReading((0.2,))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return tiny_store(tmp_path_factory.mktemp("tiny")).load("stable-diffusion")


def run(model, query, **columns):
    wrapped = {name: [value] for name, value in columns.items()}
    found = ScoreCrossAttention(CONFIG, model).run([IMAGE], [query], **wrapped)
    return found.heatmaps[0], found.phrases[0]


def word(query, text):
    start = query.text.index(text)
    return Phrase(text, 0, (start, start + len(text)))


def test_a_phrase_is_the_mean_over_its_tokens(model):
    query = parse_query("the red cup; hat")
    heat, phrases = run(model, query)
    [[cup, hat]] = model.attend([IMAGE], [["the red cup", "hat"]], READING)
    assert phrases.items == query.phrases
    assert heat.size == (40, 60)
    torch.testing.assert_close(heat.values, torch.stack([cup.maps[1:4].mean(0), hat.maps[1]]))


def test_words_are_read_where_they_stand(model):
    query = parse_query("hat; the red cup; the red cup")
    words = Phrases((word(query, "cup"), word(query, "red"), word(query, "hat")))
    heat, named = run(model, query, words=words)
    [[cup, hat]] = model.attend([IMAGE], [["the red cup", "hat"]], READING)
    assert named == words
    torch.testing.assert_close(heat.values, torch.stack([cup.maps[3], cup.maps[2], hat.maps[1]]))
    nothing, _ = run(model, query, words=Phrases(()))
    assert len(nothing) == 0


def test_a_word_that_is_not_in_the_query_is_named(model):
    query = parse_query("hat; cup")
    with pytest.raises(InputError, match="'at; c' is no part of the query"):
        run(model, query, words=Phrases((word(query, "at; c"),)))


def test_fitted_words_are_looked_for(model):
    query = parse_query("hat; the red cup")
    words = Phrases((word(query, "cup"),))
    fit = EmbedConcepts(EmbedConcepts.Config(steps=3, draws=2, learning_rate=0.1), model)
    [concepts] = fit.run([IMAGE], [query], [words]).concepts
    assert [one.text for one in concepts.items] == ["hat", "the red cup"]
    assert [len(one.tokens) for one in concepts.items] == [0, 1]
    heat, _ = run(model, query, words=words, concepts=concepts)
    [[fitted, plain]] = model.attend([IMAGE], [[concepts.items[1], "the red cup"]], READING)
    torch.testing.assert_close(heat.values[0], fitted.maps[3])
    assert not torch.allclose(heat.values[0], plain.maps[3], atol=1e-4)


def test_many_phrases_are_held_a_few_at_a_time(model, monkeypatch):
    query = parse_query("; ".join(f"thing {i}" for i in range(7)))
    whole, _ = run(model, query)
    monkeypatch.setattr(cross_attention, "PAIRS_AT_ONCE", 3)
    parts, _ = run(model, query)
    torch.testing.assert_close(parts.values, whole.values, atol=1e-6, rtol=1e-4)
