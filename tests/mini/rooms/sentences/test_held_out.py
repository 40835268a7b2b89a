"""What is held out is never said outside of `test_unseen`, and is said and tagged in it."""

import re
from collections import Counter
from itertools import chain

import numpy as np
import pytest

from openseg.mini.rooms import CATEGORIES, COLOURS, UNSEEN_PAIRS, UNSEEN_PARTS
from openseg.mini.rooms.layout import make_still
from openseg.mini.rooms.sentences import UNSEEN_CONSTRUCTIONS, captions, questions, sentences
from openseg.mini.rooms.sentences.saying import asking, wording
from openseg.mini.rooms.sentences.saying.nouns import plural_part
from openseg.mini.rooms.sentences.saying.speaker import Ways
from openseg.mini.rooms.splits import scene_seed
from tests.mini.rooms.sentences.scenes import sight

MATERIAL = "(?:plain |striped |dotted |checked |wooden |metallic )?"
WHOLE = "(?<!office )(?<!tissue )"  # a chair is no office chair


def made(split, count):
    """(sentences, questions, captions) of some stills of a split."""
    found = []
    for k in range(count):
        still = make_still(scene_seed(split, 700 + k))
        rng, view = np.random.default_rng(k), sight(still)
        found.append(
            (sentences(still, view, rng, each=3), questions(still, view, rng),
             captions(still, view, rng, 4))
        )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def seen():
    return made("train", 20) + made("val", 10) + made("test_seen", 10)


@pytest.fixture(scope="module")
def unseen():
    return made("test_unseen", 30)


def texts_of(found):
    for said, asked, captioned in found:
        yield from (s.text for s in said)
        yield from (f"{q.text} {q.answer}" for q in asked)
        yield from (c.text for c in captioned)


def test_no_held_out_pair_is_named_outside_of_the_unseen_split(seen, unseen):
    names = {c.name: rf"{WHOLE}(?:{c.name}|{c.plural})" for c in CATEGORIES}
    parts = {part.removesuffix("s") for c in CATEGORIES for part in c.parts}
    after = "(?: that is| which is| that are| which are)( not)?"
    either = "|".join(
        rf"{colour} (?:coloured )?{MATERIAL}{names[kind]}|{names[kind]}{after} {colour}"
        for colour, kind in UNSEEN_PAIRS
        if kind not in parts  # "grey doors" are those of a cabinet, too
    )
    pattern = re.compile(rf"\b(?:{either})\b")
    assert [text for text in texts_of(seen) if pattern.search(text)] == []
    assert sum(bool(pattern.search(text)) for text in texts_of(unseen)) > 100


def test_no_held_out_part_is_asked_for_outside_of_the_unseen_split(seen, unseen):
    plurals = {c.name: c.plural for c in CATEGORIES}
    colour = "|".join(COLOURS)
    patterns = []
    for kind, part in UNSEEN_PARTS:
        owner = rf"{WHOLE}(?:{kind}|{plurals[kind]})"
        parts = rf"(?:{part}|{plural_part(part)})"
        patterns += [
            rf"\b{parts} (?:of|on) [a-z ]*\b{owner}\b",
            rf"\b{owner}'s (?:(?:{colour}) )?{parts}\b",
            rf"\b{owner} (?:with|without|that has|that does not have|whose)[a-z ]* {parts}\b",
        ]
    pattern = re.compile("|".join(patterns))
    one_clause = (s.text for said, _, _ in seen for s in said if " and " not in s.text)
    relational = ("on", "all related", "everything", "next to", "absent relation", "negated place")
    texts = {s.text: s for said, _, _ in seen for s in said if s.construction not in relational}
    assert [t for t in one_clause if t in texts and pattern.search(t)] == []
    found = [s for said, _, _ in unseen for s in said if pattern.search(s.text)]
    assert sum("part" in s.held_out for s in found) > 10


def test_no_region_is_asked_about_a_held_out_part_outside_of_the_unseen_split():
    for k in range(20):
        still = make_still(scene_seed("train", 900 + k))
        for q in questions(still, sight(still), np.random.default_rng(k)):
            if q.region is not None and q.kind in {"has part", "part colour", "parts"}:
                mine = [p for name, p in UNSEEN_PARTS if name == still.thing(q.region).category]
                said = f"{q.text} {q.answer}".split()
                assert not set(mine) & set(said), q


def test_no_region_is_asked_about_a_held_out_colour_outside_of_the_unseen_split():
    for k in range(20):
        still = make_still(scene_seed("train", 900 + k))
        for q in questions(still, sight(still), np.random.default_rng(k)):
            if q.kind in {"is colour", "choose colour"}:
                name = still.thing(q.region).category
                assert not any((w, name) in UNSEEN_PAIRS for w in q.text.split()), q


def test_no_held_out_construction_is_used_outside_of_the_unseen_split(seen, unseen):
    used = {s.construction for said, _, _ in seen for s in said}
    assert not used & UNSEEN_CONSTRUCTIONS
    assert {s.construction for said, _, _ in unseen for s in said} >= UNSEEN_CONSTRUCTIONS


def test_nothing_is_tagged_held_out_outside_of_the_unseen_split(seen):
    for said, asked, captioned in seen:
        assert not any(s.held_out for s in said)
        assert not any(q.held_out for q in asked)
        assert not any(c.held_out for c in captioned)


def test_held_out_phrasings_are_not_heard_outside_of_the_unseen_split(seen, unseen):
    cues = re.compile(
        r"\b(coloured|that looks?|located|halfway|in line|right beside|straight|sitting on|whose|"
        r"the pair of|the group of|each of|and also|does not look|at the far|one can|on the left "
        r"side|largest of the|smallest of the)\b|^that (?!is)"
    )
    assert [s.text for said, _, _ in seen for s in said if cues.search(s.text)] == []
    tagged = [s for said, _, _ in unseen for s in said if cues.search(s.text)]
    assert len(tagged) > 200
    assert all("phrasing" in s.held_out for s in tagged)


def test_the_unseen_split_uses_and_tags_every_kind_of_held_out_thing(unseen):
    counts = Counter(
        reason for said, _, _ in unseen for s in said for reason in (s.held_out or ("nothing",))
    )
    assert set(counts) == {"construction", "phrasing", "pair", "part", "nothing"}
    assert min(counts.values()) >= 20, counts
    assert {"phrasing", "pair", "part"} <= {
        r for _, asked, _ in unseen for q in asked for r in q.held_out
    }


def test_no_way_is_both_seen_and_held_out():
    tables = [v for table in (wording, asking) for v in vars(table).values()]
    tables += chain.from_iterable(v.values() for v in tables if isinstance(v, dict))
    for ways in tables:
        if isinstance(ways, Ways):
            assert not set(ways.seen) & set(ways.unseen), ways
