"""Phrases are true of exactly the objects they name."""

import numpy as np
import pytest

from openseg.mini.world import (
    CATEGORIES,
    COLOURS,
    SEEN_PAIRS,
    UNSEEN_PAIRS,
    ObjectRecord,
    absent_phrases,
    held_out,
    make_scene,
    phrases,
    scene_seed,
    words,
)


def record(number, colour, category):
    return ObjectRecord(number, category, 0, colour, (0.0, 0.0, 1.0, 1.0), 1.0, ())


SHELF = [record(1, "red", "cup"), record(2, "blue", "cup"), record(3, "red", "potted plant")]


def meant(text, things):
    """What a phrase means, read word by word, independent of how phrases are made."""
    ids = set()
    for thing in things:
        kind = next(c for c in CATEGORIES if c.name == thing.category)
        rest = f" {text} "
        for plural in (kind.plural, kind.name, "objects", "object", "things", "thing"):
            if f" {plural} " in rest:
                rest = rest.replace(f" {plural} ", " ", 1)
                break
        else:
            continue
        said = set(rest.split()) - {"a", "an", "the", "that", "is"}
        if said <= {thing.colour}:
            ids.add(thing.id)
    return ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("red cup", (1,)),
        ("the red cup", (1,)),
        ("cup that is blue", (2,)),
        ("cup", (1, 2)),
        ("the cups", (1, 2)),
        ("a potted plant", (3,)),
        ("red objects", (1, 3)),
        ("blue object", (2,)),
    ],
)
def test_phrases_mean_every_object_they_are_true_of(text, ids):
    assert {p.text: p.object_ids for p in phrases(SHELF)}[text] == ids


def test_articles_agree_and_numbers_agree():
    texts = {p.text for p in phrases([record(1, "orange", "box"), record(2, "blue", "box")])}
    assert {"an orange box", "a blue box", "boxes", "the boxes"} <= texts
    assert not {"a orange box", "the box", "a box"} & texts


@pytest.mark.parametrize("split", ["train", "test_unseen"])
def test_phrases_of_scenes_are_true_unique_and_made_of_known_words(split):
    known = set(words())
    for index in range(60):
        things = make_scene(scene_seed(split, index)).things
        found = phrases(things)
        assert len({p.text for p in found}) == len(found)
        for phrase in found:
            assert set(phrase.object_ids) == meant(phrase.text, things), phrase
            assert set(phrase.text.split()) <= known


@pytest.mark.parametrize("split", ["train", "test_unseen"])
def test_absent_phrases_are_true_of_nothing(split):
    rng = np.random.default_rng(0)
    for index in range(60):
        things = make_scene(scene_seed(split, index)).things
        texts = absent_phrases(things, rng, 12, SEEN_PAIRS + UNSEEN_PAIRS)
        assert len(set(texts)) == 12
        for text in texts:
            assert not meant(text, things), text
            assert set(text.split()) <= set(words())


def test_absent_phrases_of_training_never_say_a_held_out_pair():
    rng = np.random.default_rng(1)
    held = {(colour, name) for colour in COLOURS for name in (c.name for c in CATEGORIES)}
    held = {pair for pair in held if held_out(*pair)}
    for index in range(40):
        things = make_scene(scene_seed("train", index)).things
        for text in absent_phrases(things, rng, 20):
            assert not any(c in text.split() and f" {k}" in f" {text}" for c, k in held), text


def test_absent_phrases_are_often_nearly_true():
    rng = np.random.default_rng(2)
    texts = [t for _ in range(200) for t in absent_phrases(SHELF, rng, 3)]
    near = [t for t in texts if {"red", "blue", "cup", "potted", "cups"} & set(t.split())]
    assert 0.5 < len(near) / len(texts) < 0.85


def test_absent_phrases_end_when_nothing_is_left():
    everything = [record(i, colour, name) for i, (colour, name) in enumerate(SEEN_PAIRS)]
    assert absent_phrases(everything, np.random.default_rng(0), 5) == []
