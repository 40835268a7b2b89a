"""What `query.parse` gives: a tree a phrase, and noun phrases with their place in the text."""

from __future__ import annotations

from openseg.models.store import ModelStore
from openseg.ops.text import parse_query
from openseg.stages.query.parse import ParseQuery


def test_phrases_are_cut_down_to_the_noun_phrase_of_their_head():
    stage = ParseQuery(ParseQuery.Config(), ModelStore(device="cpu").load("parser"))
    texts = ["the red cup to the left of the lamp; chair that is not striped", "a desk"]
    queries = [parse_query(text) for text in texts]
    out = stage.run(queries)
    assert [[p.text for p in one.phrases] for one in out.parsed] == [
        ["the red cup to the left of the lamp", "chair that is not striped"],
        ["a desk"],
    ]
    assert [[p.text for p in one.phrases] for one in out.noun_phrases] == [
        ["the red cup", "chair"],
        ["a desk"],
    ]
    for query, nouns in zip(queries, out.noun_phrases, strict=True):
        assert nouns.text == query.text
        for phrase, short in zip(query.phrases, nouns.phrases, strict=True):
            assert query.text[slice(*short.span)] == short.text
            assert short.class_id == phrase.class_id
