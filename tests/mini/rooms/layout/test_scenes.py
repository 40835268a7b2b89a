"""Scenes come from their seeds alone, and show only what their split may show."""

import json
from collections import Counter
from dataclasses import asdict

import pytest

from openseg.mini.rooms import (
    CATEGORIES,
    SEEN_LAYOUTS,
    UNSEEN_LAYOUTS,
    held_out,
    make_room,
    make_still,
    scene_seed,
)

STILLS = {
    split: [make_still(scene_seed(split, k)) for k in range(25)]
    for split in ("train", "val", "test_seen", "test_unseen")
}
ROOMS = {
    split: [make_room(scene_seed(split, k)) for k in range(5)] for split in ("train", "test_unseen")
}


@pytest.mark.parametrize("make", [make_still, make_room])
def test_a_seed_gives_one_scene(make):
    one, again, other = (make(scene_seed("train", k)) for k in (3, 3, 4))
    assert one == again
    assert one != other
    assert one.split == "train"
    json.dumps(asdict(one))  # plain values only


@pytest.mark.parametrize("make", [make_still, make_room])
def test_seeds_of_no_split_are_refused(make):
    with pytest.raises(ValueError, match="no split"):
        make(4 << 40)


@pytest.mark.parametrize("split", ["train", "val", "test_seen"])
def test_seen_splits_never_show_a_held_out_pair(split):
    for scene in STILLS[split] + ROOMS.get(split, []):
        assert not any(held_out(t.colour, t.category) for t in scene.things)


def test_every_unseen_scene_shows_a_held_out_pair():
    for scene in STILLS["test_unseen"] + ROOMS["test_unseen"]:
        assert any(held_out(t.colour, t.category) for t in scene.things)


def test_layouts_keep_to_their_split():
    assert {s.room.layout for s in ROOMS["train"]} <= set(SEEN_LAYOUTS)
    assert {s.room.layout for s in ROOMS["test_unseen"]} <= set(UNSEEN_LAYOUTS)


def test_counts_and_ids():
    for scene in STILLS["train"] + ROOMS["train"]:
        low, high = (3, 9) if scene.kind == "still" else (12, 30)
        assert low <= len(scene.things) <= high
        ids = [t.id for t in scene.things] + [s.id for s in scene.room.surfaces]
        assert ids == list(range(1, len(ids) + 1))
        assert set(scene.labels()) == set(ids)
        assert len(scene.cameras) == 1 if scene.kind == "still" else 24 <= len(scene.cameras) <= 40


def test_no_two_things_look_alike_but_many_are_rivals():
    rivals = total = 0
    for scene in STILLS["train"] + ROOMS["train"]:
        looks = [(t.category, t.colour, t.material) for t in scene.things]
        assert len(set(looks)) == len(looks)
        colours = Counter(t.colour for t in scene.things)
        names = Counter(t.category for t in scene.things)
        rivals += sum(colours[t.colour] > 1 or names[t.category] > 1 for t in scene.things)
        total += len(looks)
    assert rivals / total > 0.5


def test_sizes_and_parts_are_those_of_the_category():
    for scene in STILLS["train"] + ROOMS["train"]:
        for thing in scene.things:
            low, high = thing.kind.size
            assert low - 1e-3 <= thing.size <= high + 1e-3
            assert max(thing.extent) == pytest.approx(thing.size, abs=1e-4)
            assert {a.part for a in thing.accents} <= set(thing.kind.accents)
            assert all(a.colour != thing.colour for a in thing.accents)


def test_stills_show_nearly_every_category_soon():
    seen = {
        t.category for k in range(150) for t in make_still(scene_seed("train", 1000 + k)).things
    }
    assert len(seen) >= 0.9 * len(CATEGORIES)
