"""Splits share no seed and no held-out pair."""

from itertools import pairwise

import pytest

from openseg.mini.world import (
    CATEGORIES,
    COLOURS,
    SEEN_PAIRS,
    SPLITS,
    UNSEEN_PAIRS,
    held_out,
    make_scene,
    scene_seed,
    split_of,
)
from openseg.mini.world.splits import ATTEMPTS

LAST = 2**36 - 1


def test_no_seed_belongs_to_two_splits():
    """The seeds of a split lie between those of its first and last scene; the ranges are apart."""
    ranges = [(scene_seed(s, 0, 0), scene_seed(s, LAST, ATTEMPTS - 1)) for s in SPLITS]
    assert all(first < last for first, last in ranges)
    assert all(last < first for (_, last), (first, _) in pairwise(sorted(ranges)))


@pytest.mark.parametrize("split", SPLITS)
def test_a_seed_names_its_split_and_its_place_alone(split):
    places = [(index, attempt) for index in (0, 1, 299, LAST) for attempt in (0, ATTEMPTS - 1)]
    seeds = [scene_seed(split, *place) for place in places]
    assert len(set(seeds)) == len(places)
    assert {split_of(seed) for seed in seeds} == {split}


@pytest.mark.parametrize("place", [(-1, 0), (LAST + 1, 0), (0, -1), (0, ATTEMPTS)])
def test_places_outside_a_split_are_refused(place):
    with pytest.raises(ValueError, match="out of range"):
        scene_seed("train", *place)


@pytest.mark.parametrize("seed", [-1, len(SPLITS) << 40])
def test_seeds_of_no_split_are_refused(seed):
    with pytest.raises(ValueError, match="no split"):
        split_of(seed)


def test_held_out_pairs_are_about_15_percent_and_leave_every_word_well_known():
    every = {(colour, c.name) for colour in COLOURS for c in CATEGORIES}
    assert set(SEEN_PAIRS) | set(UNSEEN_PAIRS) == every
    assert not set(SEEN_PAIRS) & set(UNSEEN_PAIRS)
    assert 0.13 <= len(UNSEEN_PAIRS) / len(every) <= 0.17
    for colour in COLOURS:
        assert sum(c == colour for c, _ in SEEN_PAIRS) >= 12
        assert any(c == colour for c, _ in UNSEEN_PAIRS)
    for c in CATEGORIES:
        assert sum(name == c.name for _, name in SEEN_PAIRS) >= 8
        assert any(name == c.name for _, name in UNSEEN_PAIRS)


@pytest.mark.parametrize("split", ["train", "val", "test_seen"])
def test_seen_splits_never_show_a_held_out_pair(split):
    for index in range(150):
        things = make_scene(scene_seed(split, index)).things
        assert not any(held_out(t.colour, t.category) for t in things)


def test_every_unseen_scene_shows_a_held_out_pair():
    for index in range(150):
        things = make_scene(scene_seed("test_unseen", index)).things
        assert any(held_out(t.colour, t.category) for t in things)
