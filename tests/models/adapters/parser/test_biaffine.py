"""The shipped parser: what it reads from phrases, batches, odd texts, odd checkpoints."""

from __future__ import annotations

import json
import shutil

import pytest

from openseg.models.store import ModelStore
from openseg.models.tasks.parsing import SentenceParser
from openseg.types.errors import InputError, MissingWeightsError


@pytest.fixture(scope="module")
def parser() -> SentenceParser:
    return ModelStore(device="cpu").load("parser")


def relations(phrase):
    return [
        (phrase.word(r.noun), phrase.text[slice(*r.span)], phrase.word(r.landmark), r.negated)
        for r in phrase.relations
    ]


def modifiers(phrase):
    return [(phrase.word(m.noun), phrase.text[slice(*m.span)], m.negated) for m in phrase.modifiers]


def test_the_rooms_sentences_are_understood(parser):
    [left, without, looks, function] = parser.parse(
        [
            "the small red cup to the left of the wooden desk",
            "the chair without wheels",
            "the lamp that is not striped",
            "something to sit on",
        ]
    )
    assert relations(left) == [("cup", "to the left of", "desk", False)]
    assert modifiers(left) == [
        ("cup", "small", False),
        ("cup", "red", False),
        ("desk", "wooden", False),
    ]
    assert left.text[slice(*left.noun_phrase_span(left.root))] == "the small red cup"
    assert relations(without) == [("chair", "without", "wheels", True)]
    assert modifiers(looks) == [("lamp", "striped", True)]
    assert modifiers(function) == [("something", "sit on", False)]


def test_people_in_photographs_are_understood(parser):
    [man, dog] = parser.parse(["The man in a blue shirt, holding a phone", "the dog's left ear"])
    assert relations(man) == [
        ("man", "in", "shirt", False),
        ("man", "holding", "phone", False),
    ]
    assert ("shirt", "blue", False) in modifiers(man)
    assert relations(dog) == [("ear", "'s", "dog", False)]


def test_a_batch_gives_what_a_loop_gives(parser):
    texts = ["cup", "the red cup on the desk", "", "a b c d e f g h i j k l m n", "?!", "CUP"]
    assert parser.parse(texts) == [parser.parse([text])[0] for text in texts]
    assert parser.parse([]) == []


@pytest.mark.parametrize("text", ["", "?!", "   ", "赤いカップ", "\U0001f600", "a\nb"])
def test_every_text_has_a_tree_with_one_root(parser, text):
    [phrase] = parser.parse([text])
    assert [word.head for word in phrase.words].count(-1) == 1
    assert phrase.noun_phrase_span(phrase.root)[1] <= len(text)


def test_a_text_without_end_is_refused_in_one_line(parser):
    with pytest.raises(InputError, match="has 300 words, the most are 256"):
        parser.parse(["word " * 300])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (None, "cannot read the parser's configuration"),
        ("{", "cannot read the parser's configuration"),
        ('{"model_type": "openseg-parser", "roles": ["root"]}', "not a parser of this version"),
        ('{"model_type": "openseg-parser", "roles": ["root"], "depth": 1}', "configuration"),
    ],
)
def test_a_configuration_that_does_not_fit_is_told(config, message, tmp_path):
    folder = shutil.copytree(ModelStore().folder("parser"), tmp_path / "parser")
    (folder / "config.json").unlink()
    if config is not None:
        (folder / "config.json").write_text(config)
    with pytest.raises(MissingWeightsError, match=message):
        ModelStore(tmp_path).load("parser")


def test_weights_of_another_size_are_told(tmp_path):
    folder = shutil.copytree(ModelStore().folder("parser"), tmp_path / "parser")
    described = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(described | {"hidden": 32}))
    with pytest.raises(MissingWeightsError, match="do not fit ParserNetwork"):
        ModelStore({"parser": folder}).load("parser")
