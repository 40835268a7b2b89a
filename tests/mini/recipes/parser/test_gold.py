"""What the parser learns from: trees that are trees, and nothing that is held out."""

from __future__ import annotations

import numpy as np
import pytest

from openseg.mini.recipes.parser import lexicon
from openseg.mini.recipes.parser.gold import english, glance, room_sentences
from openseg.mini.rooms.catalogue import CATEGORIES
from openseg.mini.rooms.layout import make_still
from openseg.mini.rooms.sentences import UNSEEN_CONSTRUCTIONS
from openseg.mini.rooms.splits import scene_seed
from openseg.types.parse import ROLES
from tests.mini.recipes.parser.natural import NATURAL
from tests.mini.rooms.sentences.scenes import sight

ENGLISH = english(3000, seed=5)
LISTS = [words for name, words in vars(lexicon).items() if name[0].isupper()]
RELATIONS = frozenset({"left", "right", "front", "behind", "above", "under", "below", "next"})


@pytest.mark.parametrize("phrase", [*ENGLISH[:300], *NATURAL], ids=lambda phrase: phrase.text)
def test_every_phrase_is_a_projective_tree_with_one_root(phrase):
    assert phrase.heads.count(-1) == 1
    assert phrase.heads[phrase.root] == -1
    assert phrase.labels[phrase.root] == "root"
    assert phrase.labels.count("root") == 1
    assert set(phrase.labels) <= set(ROLES)
    for index in range(len(phrase.words)):
        start, end = phrase.span(index)  # raises nothing and holds the word
        inside = [k for k in range(start, end) if _under(k, index, phrase.heads)]
        assert inside == list(range(start, end))


def _under(word, top, heads):
    while word >= 0 and word != top:
        word = heads[word]
    return word == top


def test_templates_name_no_category_of_the_rooms():
    known = {name for kind in CATEGORIES for name in (kind.name, kind.plural)}
    assert not known & {word for words in LISTS for word in words}


@pytest.mark.parametrize(
    "words",
    [
        "sitting on", "located", "group of", "pair of", "each of", "coloured", "that look",
        "does not look", "halfway", "straight", "up on", "down on", "and also", "one can",
        "which is not", "from the right", "at the far", "right beside", "on the left side",
    ],
)  # fmt: skip
def test_templates_do_not_say_what_the_rooms_hold_out(words):
    assert not [phrase.text for phrase in ENGLISH if f" {words} " in f" {phrase.text} "]


def test_templates_use_no_construction_that_the_rooms_hold_out():
    for phrase in ENGLISH:
        roles = list(zip(phrase.words, phrase.heads, phrase.labels, strict=True))
        most = [w for w, h, r in roles if r == "amod" and h == phrase.root and w in lexicon.MOST]
        below = [i for i, (_, h, r) in enumerate(roles) if h == phrase.root and r == "nmod"]
        assert not (most and below), phrase.text  # superlative of related
        for owner in below:  # part of related
            cases = {w for w, h, r in roles if h == owner and r == "case"}
            if "of" in cases:
                links = {w for w, h, r in roles if r == "case" and h >= 0 and roles[h][1] == owner}
                assert not links & RELATIONS, phrase.text
        for noun in {h for _, h, r in roles if r == "neg"}:  # negated relation
            assert not RELATIONS & {w for w, h, r in roles if h == noun and r == "case"}


def test_training_hears_no_held_out_construction_and_the_unseen_test_does():
    train = list(room_sentences("train", 0, 8))
    assert not [one for one in train if one.held_out]
    missing = set(UNSEEN_CONSTRUCTIONS)
    for one in room_sentences("test_unseen", 0, 60):
        missing.discard(one.construction)
        if not missing:
            break
    assert not missing


def test_new_words_are_those_training_does_not_draw():
    for words in LISTS:
        new, old = (set(lexicon.drawn_from(words, flag)) for flag in (True, False))
        assert new | old == set(words)
        assert not new & old
        assert len(old) > len(new)


def test_a_glance_sees_what_projected_boxes_say():
    for index in range(5):
        scene = make_still(scene_seed("train", index))
        seen, expected = glance(scene), {one.id: one for one in sight(scene).things}
        assert len(seen.things) >= len(scene.things) - 2
        for one in seen.things:
            np.testing.assert_allclose(one.box, expected[one.id].box, atol=1e-6)


def test_the_same_seed_gives_the_same_phrases():
    assert english(20, seed=1) == english(20, seed=1) != english(20, seed=2)
    first, second = ([s.text for s in room_sentences("val", 3, 2)] for _ in range(2))
    assert first == second
