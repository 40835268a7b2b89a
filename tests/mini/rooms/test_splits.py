"""Splits share no seed."""

from itertools import pairwise

import pytest

from openseg.mini.rooms import SPLITS, scene_seed, split_of
from openseg.mini.rooms.splits import ATTEMPTS

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
