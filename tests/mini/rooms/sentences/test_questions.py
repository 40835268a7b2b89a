"""Questions have the right answers, yes and no are balanced, and captions say what is there."""

import re
from collections import Counter

import numpy as np
import pytest

from openseg.mini.rooms import CATEGORIES, COLOURS, FUNCTIONS, MATERIALS
from openseg.mini.rooms.layout import make_room, make_still
from openseg.mini.rooms.sentences import KINDS, captions, questions
from openseg.mini.rooms.sentences.saying.asking import QUESTIONS
from openseg.mini.rooms.sentences.saying.nouns import is_plural
from openseg.mini.rooms.splits import scene_seed
from tests.mini.rooms.sentences.oracle import Oracle
from tests.mini.rooms.sentences.scenes import scene, sight, thing

NAMES = sorted((c.name for c in CATEGORIES), key=len, reverse=True)


@pytest.fixture(scope="module")
def asked():
    """(still, its oracle, a question) for all questions about 24 stills."""
    found = []
    for k in range(24):
        still = make_still(scene_seed("train", 1500 + k))
        view = sight(still, hidden=[1] if k % 4 == 0 else ())
        said = questions(still, view, np.random.default_rng(k))
        found += [(still, Oracle(still, view), q) for q in said]
    return found


def of_kind(asked, *kinds):
    """(the thing asked about or None, oracle, question) of some kinds."""
    found = [
        (still.thing(q.region) if q.region else None, oracle, q)
        for still, oracle, q in asked
        if q.kind in kinds
    ]
    assert len(found) >= 12
    return found


def name_in(text):
    """The category a text names: the longest name that fits."""
    return next(n for n in NAMES if re.search(rf"\b{n}\b", text))


def matching(oracle, text):
    """The seen things that "the small red cup" fits."""
    name, words = name_in(text), text.split()
    fits = [t for t in oracle.things if t.category == name]
    fits = [t for t in fits if all(w not in COLOURS or t.colour == w for w in words)]
    fits = [t for t in fits if all(w not in MATERIALS or t.material == w for w in words)]
    return [t for t in fits if all(w not in ("small", "large") or t.size_word == w for w in words)]


def test_every_kind_of_question_is_asked(asked):
    counts = Counter(q.kind for _, _, q in asked)
    assert set(counts) == set(KINDS)
    assert min(counts.values()) >= 12, counts


def test_yes_and_no_are_balanced(asked):
    counts = Counter((q.kind, q.answer) for _, _, q in asked if q.answer in ("yes", "no"))
    kinds = {kind for kind, _ in counts}
    assert kinds == {k for k in KINDS if k.startswith(("is ", "has "))}
    assert all(counts[kind, "yes"] == counts[kind, "no"] for kind in kinds)


def test_looks_are_those_of_the_region(asked):
    for t, _, q in of_kind(asked, "colour", "material", "size", "category"):
        want = {"colour": t.colour, "material": t.material, "size": t.size_word}
        article = "" if is_plural(t.category) else "an " if t.category[0] in "aeiou" else "a "
        assert q.answer == want.get(q.kind, f"{article}{t.category}")


def test_yes_no_questions_about_looks_are_right(asked):
    for t, _, q in of_kind(asked, "is colour", "is material"):
        words = (t.colour, t.material)
        assert (q.answer == "yes") == (q.text.split()[-1] in words), q
    for t, _, q in of_kind(asked, "is category"):
        assert (q.answer == "yes") == (name_in(q.text) == t.category), q


def test_the_chosen_is_true_and_the_other_is_not(asked):
    for t, _, q in of_kind(asked, "choose colour", "choose material"):
        mine = {t.colour, t.material}
        assert q.answer in mine
        assert len({w for w in q.text.split() if w in {*COLOURS, *MATERIALS}} & mine) == 1
    for t, _, q in of_kind(asked, "choose category"):
        assert name_in(q.answer) == t.category
        assert q.answer in q.text


def test_parts_and_functions_are_those_of_the_category(asked):
    for t, _, q in of_kind(asked, "has part"):
        part = next(p for c in CATEGORIES for p in c.parts if re.search(rf" {p}( on it)?$", q.text))
        assert (q.answer == "yes") == (part in t.kind.parts), q
    for t, _, q in of_kind(asked, "parts"):
        said = [re.sub("^an? ", "", part) for part in q.answer.split(" and ")]
        assert set(said) <= set(t.kind.parts)
    for t, _, q in of_kind(asked, "has function"):
        keys = [k for k, v in FUNCTIONS.items() if q.text.endswith(v.removeprefix("something "))]
        assert (q.answer == "yes") == bool(set(keys) & set(t.kind.functions)), q
    for t, oracle, q in of_kind(asked, "part colour"):
        part = next(p for p in t.kind.parts if f" {p}" in q.text)
        assert oracle.has_part(t, part, q.answer), q


def test_places_are_what_carries_the_region(asked):
    for t, oracle, q in of_kind(asked, "place"):
        if isinstance(t.support, int):
            assert q.answer.endswith(oracle.thing(t.support).category)
        else:
            assert q.answer == f"the {t.support}"
    for t, oracle, q in of_kind(asked, "carried"):
        carried = [x for x in oracle.things if x.support == t.id]
        assert (q.answer == "nothing") == (not carried)
        assert all(x.category in q.answer for x in carried)


def relation_in(text):
    words = {"left": "left", "right": "right", "behind": "behind", "in front": "front"}
    return next(relation for cue, relation in words.items() if cue in text)


def test_relations_are_true_in_the_picture(asked):
    for t, oracle, q in of_kind(asked, "is related"):
        (mark,) = matching(oracle, q.text)
        told = getattr(oracle, relation_in(q.text))(t, mark)
        assert told == (q.answer == "yes"), q
    for t, oracle, q in of_kind(asked, "choose relation"):
        (mark,) = matching(oracle, q.text)
        assert getattr(oracle, relation_in(q.answer))(t, mark), q


def test_counts_and_existence_are_right(asked):
    numbers = ("zero", "one", "two", "three", "four", "five", "six")
    for _, oracle, q in of_kind(asked, "count"):
        plural = next(c for c in sorted(CATEGORIES, key=lambda c: -len(c.plural))
                      if c.plural in q.text)  # fmt: skip
        count = sum(t.category == plural.name for t in oracle.things)
        assert q.answer == numbers[count], q
    for _, oracle, q in of_kind(asked, "is there"):
        assert bool(matching(oracle, q.text)) == (q.answer == "yes"), q


def test_what_is_used_and_what_is_larger(asked):
    for _, oracle, q in of_kind(asked, "use"):
        found = matching(oracle, q.answer)
        keys = [k for k, v in FUNCTIONS.items() if q.text.endswith(v.removeprefix("something "))]
        able = [t for t in oracle.things if set(keys) & set(t.kind.functions)]
        assert len(able) == 1, q
        assert able[0] in found
    for _, oracle, q in of_kind(asked, "choose larger"):
        ways = QUESTIONS["choose larger"]
        starts = [way.removesuffix("{a} or {b}") for way in (*ways.seen, *ways.unseen)]
        start = next(start for start in starts if q.text.startswith(start))
        one, other = (matching(oracle, side) for side in q.text.removeprefix(start).split(" or "))
        best = max((one[0], other[0]), key=lambda t: np.prod(t.extent))
        assert [best] == matching(oracle, q.answer)


def test_descriptions_are_true(asked):
    for t, _, q in of_kind(asked, "describe"):
        before = q.answer.split(f" {t.category}")[0].split()
        assert t.category in q.answer
        assert not {w for w in before if w in COLOURS} - {t.colour}
        assert not {w for w in before if w in MATERIALS} - {t.material}


def test_a_description_tells_looks_parts_and_surroundings():
    lone = scene(
        thing(1, "bucket", "red", 0.0, 0.0, share=0.1, material="striped", handle="blue"),
        thing(2, "crate", "green", 0.0, 0.45),
    )
    said = questions(lone, sight(lone), np.random.default_rng(0))
    answers = {q.answer for q in said if q.kind == "describe" and q.region == 1}
    assert answers == {
        "a small round red striped bucket with a blue handle on the floor next to a green crate"
    }


def test_nothing_is_asked_about_a_thing_that_is_hardly_seen():
    still = make_still(scene_seed("train", 1600))
    view = sight(still, hidden=[2], gone=[1])
    assert {q.region for q in questions(still, view, np.random.default_rng(0))} & {1, 2} == set()
    for caption in captions(still, view, np.random.default_rng(0), 8):
        assert not {1, 2} & {id_ for mention in caption.mentions for id_ in mention.ids}


def test_questions_and_captions_are_repeatable():
    still = make_still(scene_seed("val", 3))
    view = sight(still)
    for make in (questions, captions):
        one, two = (make(still, view, np.random.default_rng(5)) for _ in range(2))
        assert one == two
        assert one


def test_captions_name_what_is_there_and_where_the_nouns_are():
    singular = {c.plural: c.name for c in CATEGORIES} | {c.name: c.name for c in CATEGORIES}
    for k in range(24):
        still = make_still(scene_seed("test_unseen", 1500 + k))
        oracle = Oracle(still, sight(still))
        for caption in captions(still, sight(still), np.random.default_rng(k), 4):
            words = caption.text.split()
            assert caption.mentions
            for mention in caption.mentions:
                noun = " ".join(words[mention.start : mention.end])
                things = [oracle.thing(id_) for id_ in mention.ids]
                assert {t.category for t in things} == {singular[noun]}
                colour = [
                    w for w in words[max(mention.start - 2, 0) : mention.start] if w in COLOURS
                ]
                assert all(t.colour == colour[-1] for t in things) if colour else True


def test_a_furnished_room_is_captioned_and_asked_about_without_a_picture():
    room = make_room(scene_seed("train", 77))
    assert len(captions(room, None, np.random.default_rng(0), 5)) == 5
    said = questions(room, None, np.random.default_rng(0), regions=4)
    assert len({q.region for q in said} - {None}) == 4
    assert not any("left" in q.text or "behind" in q.text for q in said)
