"""Categories are ScanNet200's, and pairs are held out evenly."""

import pytest

from openseg.mini.world import CATEGORIES, COLOURS, words
from openseg.mini.world.vocabulary import category

# Read off the list that ScanNet200's benchmark publishes, not off the module under test.
SCANNET200 = {
    "chair": 2, "table": 4, "couch": 6, "monitor": 19, "book": 22, "box": 26, "lamp": 28,
    "stool": 38, "bottle": 65, "bucket": 102, "clock": 103, "cup": 130, "ball": 168, "hat": 169,
    "bowl": 562, "potted plant": 1189,
}  # fmt: skip


def test_categories_carry_their_scannet200_ids():
    assert {c.name: c.scannet200_id for c in CATEGORIES} == SCANNET200


def test_a_category_is_found_by_its_name():
    assert category("potted plant").plural == "potted plants"
    with pytest.raises(KeyError):
        category("unicorn")


def test_colours_are_well_apart():
    """No two colour names stand for nearly the same colour, jitter included."""
    for a in COLOURS.values():
        for b in COLOURS.values():
            assert a == b or sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) > 60**2


def test_words_hold_every_colour_and_both_numbers_of_every_category():
    known = set(words())
    assert set(COLOURS) <= known
    for c in CATEGORIES:
        assert set(c.name.split()) | set(c.plural.split()) <= known
