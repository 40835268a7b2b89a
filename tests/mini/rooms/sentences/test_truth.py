"""Every sentence means exactly what a second, independent reading of its form finds."""

from collections import Counter
from functools import cache

import numpy as np
import pytest

from openseg.mini.rooms.layout import make_room, make_still
from openseg.mini.rooms.sentences import CONSTRUCTIONS, UNSEEN_CONSTRUCTIONS, sentences
from openseg.mini.rooms.splits import scene_seed
from tests.mini.rooms.sentences.oracle import Oracle
from tests.mini.rooms.sentences.scenes import sight

STILLS = {"train": 60, "test_unseen": 40}


@cache
def stills(split):
    """Generated stills, some things of which are hardly or not at all seen."""
    found = []
    for k in range(STILLS[split]):
        still = make_still(scene_seed(split, k))
        mixed = np.random.default_rng(k).permutation(len(still.things)) + 1
        some = [int(id_) for id_ in mixed[: k % 3]]
        found.append((still, sight(still, hidden=some[:1], gone=some[1:])))
    return found


@cache
def all_sentences(split):
    return [
        (still, seen, sentences(still, seen, np.random.default_rng(still.seed)))
        for still, seen in stills(split)
    ]


@pytest.mark.parametrize("split", ["train", "test_unseen"])
def test_sentences_about_stills_mean_what_the_oracle_finds(split):
    for still, seen, said in all_sentences(split):
        oracle = Oracle(still, seen)
        for sentence in said:
            assert oracle.form(sentence.form) == sentence.target_ids, sentence


def test_sentences_about_rooms_mean_what_the_oracle_finds():
    for k in range(3):
        room = make_room(scene_seed("test_unseen", 500 + k))
        said = sentences(room, None, np.random.default_rng(k))
        oracle = Oracle(room, None)
        assert len(said) > 40
        for sentence in said:
            assert oracle.form(sentence.form) == sentence.target_ids, sentence


def test_nothing_hardly_seen_is_spoken_of():
    for _, seen, said in all_sentences("train"):
        shown = {s.id for s in seen.things if s.visible > 0.1}
        assert all(set(sentence.target_ids) <= shown for sentence in said)


def test_sentences_without_target_are_those_of_the_empty_constructions():
    empty = {c.name for c in CONSTRUCTIONS if c.empty}
    for _, _, said in all_sentences("train"):
        for sentence in said:
            assert (sentence.construction in empty) == (sentence.tags["targets"] == "none")


def test_every_construction_occurs_often():
    counts = Counter(
        sentence.construction
        for split in ("train", "test_unseen")
        for _, _, said in all_sentences(split)
        for sentence in said
    )
    assert {c.name for c in CONSTRUCTIONS} == set(counts)
    assert all(count >= 5 for count in counts.values()), counts


def test_train_uses_all_constructions_that_are_not_held_out():
    used = {sentence.construction for _, _, said in all_sentences("train") for sentence in said}
    assert used == {c.name for c in CONSTRUCTIONS} - UNSEEN_CONSTRUCTIONS


def test_the_same_seed_says_the_same():
    still, seen = stills("train")[3]
    one, two = (sentences(still, seen, np.random.default_rng(9)) for _ in range(2))
    assert one == two
    assert one != sentences(still, seen, np.random.default_rng(10))


def test_no_text_twice_in_a_scene():
    for _, _, said in all_sentences("train"):
        texts = [sentence.text for sentence in said]
        assert len(set(texts)) == len(texts)
