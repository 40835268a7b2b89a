"""Categories carry ScanNet200's ids and groups; colours, parts and functions can be told apart."""

from collections import Counter
from itertools import combinations

import numpy as np

from openseg.mini.rooms import (
    CATEGORIES,
    COLOURS,
    FUNCTIONS,
    LAYOUTS,
    MATERIALS,
    SEEN_LAYOUTS,
    SEEN_PAIRS,
    SEEN_PARTS,
    STRUCTURE,
    UNSEEN_LAYOUTS,
    UNSEEN_PAIRS,
    UNSEEN_PARTS,
    pairs_of,
    parts_of,
)
from openseg_evals.formats.label_sets import LABEL_SETS

SCANNET200 = LABEL_SETS["scannet200"]


def test_names_ids_and_groups_are_those_of_scannet200():
    for c in CATEGORIES:
        assert SCANNET200.names[c.scannet200_id] == c.name
        assert c.scannet200_id in SCANNET200.groups[c.group]
    for name, id_ in STRUCTURE.items():
        assert SCANNET200.names[id_] == name


def test_there_are_enough_words_in_every_group():
    assert len(CATEGORIES) >= 52
    assert len({c.name for c in CATEGORIES}) == len(CATEGORIES)
    groups = Counter(c.group for c in CATEGORIES)
    assert set(groups) == {"head", "common", "tail"}
    assert min(groups.values()) >= 10
    assert len(COLOURS) == 12
    assert len(MATERIALS) == 6


def test_entries_are_consistent():
    for c in CATEGORIES:
        assert len(c.parts) == len(set(c.parts)) >= 2
        assert set(c.functions) <= set(FUNCTIONS)
        assert set(c.accents) <= set(c.parts)
        assert c.places
        assert 0.08 < c.size[0] < c.size[1] < 2.5
        assert c.plural != c.name or c.name == "headphones"
    assert {f for c in CATEGORIES for f in c.functions} == set(FUNCTIONS)


def test_everything_that_needs_a_carrier_has_one():
    for c in CATEGORIES:
        if not {"floor", "wall"} & set(c.places):
            assert any(c.may_stand_on(other) for other in CATEGORIES if other is not c)


def test_shades_are_well_apart():
    for a, b in combinations(COLOURS.values(), 2):
        assert np.linalg.norm(np.subtract(a, b)) > 70


def test_size_words_follow_the_range():
    cup = next(c for c in CATEGORIES if c.name == "cup")
    low, high = cup.size
    assert cup.size_word(low) == "small"
    assert cup.size_word(high) == "large"
    assert cup.size_word((low + high) / 2) is None


def test_held_out_pairs_are_about_15_percent_and_leave_every_word_well_known():
    every = {(colour, c.name) for colour in COLOURS for c in CATEGORIES}
    assert set(SEEN_PAIRS) | set(UNSEEN_PAIRS) == every
    assert not set(SEEN_PAIRS) & set(UNSEEN_PAIRS)
    assert 0.13 <= len(UNSEEN_PAIRS) / len(every) <= 0.17
    for colour in COLOURS:
        assert sum(c == colour for c, _ in SEEN_PAIRS) >= 45
        assert any(c == colour for c, _ in UNSEEN_PAIRS)
    for c in CATEGORIES:
        assert sum(name == c.name for _, name in SEEN_PAIRS) >= 10
        assert any(name == c.name for _, name in UNSEEN_PAIRS)


def test_held_out_parts_leave_every_part_word_and_category_known():
    every = {(c.name, part) for c in CATEGORIES for part in c.parts}
    assert set(SEEN_PARTS) | set(UNSEEN_PARTS) == every
    assert not set(SEEN_PARTS) & set(UNSEEN_PARTS)
    assert len(UNSEEN_PARTS) >= 12
    assert {part for _, part in SEEN_PARTS} == {part for _, part in every}
    assert {name for name, _ in SEEN_PARTS} == {c.name for c in CATEGORIES}


def test_layouts_are_divided():
    assert set(SEEN_LAYOUTS) | set(UNSEEN_LAYOUTS) == set(LAYOUTS)
    assert not set(SEEN_LAYOUTS) & set(UNSEEN_LAYOUTS)
    assert len(UNSEEN_LAYOUTS) >= 2


def test_only_test_unseen_may_use_what_is_held_out():
    for split in ("train", "val", "test_seen"):
        assert pairs_of(split) == SEEN_PAIRS
        assert parts_of(split) == SEEN_PARTS
    assert set(pairs_of("test_unseen")) > set(SEEN_PAIRS)
    assert set(parts_of("test_unseen")) > set(SEEN_PARTS)
