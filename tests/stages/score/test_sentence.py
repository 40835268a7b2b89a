"""Regions for sentences: what stands where, which of several, how many, and what is not."""

from __future__ import annotations

import pytest
import torch

from openseg.ops.text import parse_query
from openseg.stages.query.looks import Looks
from openseg.stages.score.sentence import Sentence
from openseg.types import Masks, ParsedQuery, Similarity
from tests.stages.trees import tree
from tests.stages.values import masks_of

# Two mugs with a lamp between them, and a plate far above.
LEFT, RIGHT, LAMP, PLATE = (2, 20, 8, 26), (32, 20, 38, 28), (18, 18, 22, 28), (18, 1, 24, 4)
SCENE = masks_of(LEFT, RIGHT, LAMP, PLATE, size=(30, 40))
FITS = {
    "mug": [0.8, 0.7, 0.1, 0.1],
    "red mug": [0.8, 0.1, 0.0, 0.0],
    "lamp": [0.0, 0.0, 0.9, 0.0],
    "plate": [0.0, 0.0, 0.0, 0.6],
}


def scores(text, *trees, masks: Masks = SCENE, fits=None):
    """What the stage gives for a query, `[regions][phrases]`; words nobody scored fit nothing."""
    fits = fits or FITS
    query, parsed = parse_query(text), ParsedQuery(trees)
    [looks] = Looks(Looks.Config()).run([query], [parsed]).looks
    columns = [fits.get(one.text, [0.0] * 4)[: len(masks)] for one in looks.phrases]
    similarity = Similarity(torch.tensor(columns).T.reshape(len(masks), len(columns)))
    stage = Sentence(Sentence.Config())
    [found] = stage.run([masks], [similarity], [looks], [query], [parsed]).similarity
    return found.values


def chosen(text, roles, **more):
    """The regions that are left for a sentence, best first."""
    values = scores(text, tree(text, roles), **more)[:, 0]
    return [row for row in values.argsort(descending=True).tolist() if values[row] > 0.05]


@pytest.mark.parametrize(
    ("text", "roles", "expected"),
    [
        ("the mug", "det:1 root", [0]),
        ("the mugs", "det:1 root", []),  # nothing is known of "mugs"
        ("every mug", "det:1 root", [0, 1, 2, 3]),
        ("two mug", "num:1 root", [0, 1]),
        ("mug", "root", [0, 1, 2, 3]),
        ("the rightmost mug", "det:2 amod:2 root", [1]),
        ("the largest mug", "det:2 amod:2 root", [1]),
        ("the smallest mug", "det:2 amod:2 root", [0]),
        ("the mug right of the lamp", "det:1 root case:5 fixed:2 det:5 nmod:1", [1]),
        ("the mug left of the lamp", "det:1 root case:5 fixed:2 det:5 nmod:1", [0]),
        ("the second mug from the left", "det:2 amod:2 root case:5 det:5 nmod:1", [1]),
        ("the mug that is not red", "det:1 root mark:5 mark:5 neg:5 amod:1", [1]),
        ("the mug and the lamp", "det:1 root cc:4 det:4 conj:1", [2, 0]),
    ],
)
def test_a_sentence_means(text, roles, expected):
    assert chosen(text, roles) == expected


def test_what_is_denied_is_told_by_its_noun():
    """All mugs look somewhat red here; only the one as red as it is a mug is the red mug."""
    fits = {"mug": [0.5, 0.4, 0.1, 0.1], "red mug": [0.5, 0.3, 0.0, 0.0]}
    text, roles = "the mug that is not red", "det:1 root mark:5 mark:5 neg:5 amod:1"
    values = scores(text, tree(text, roles), fits=fits)[:, 0]
    assert values.tolist() == pytest.approx([0.0, 0.4, 0.0, 0.0])


def test_a_part_is_seen_on_its_own_region():
    """Whether a whole was found too says nothing of it."""
    fits = {"handle of the mug": [0.0, 0.0, 0.6, 0.0], "mug": [0.0, 0.0, 0.0, 0.0]}
    text = "the handle of the mug"
    values = scores(text, tree(text, "det:1 root case:4 det:4 nmod:1"), fits=fits)[:, 0]
    assert values.tolist() == pytest.approx([0.0, 0.0, 0.6, 0.0])


def test_a_denied_place_that_is_no_region_denies_nothing():
    text = "every mug not on the wall"
    values = scores(text, tree(text, "det:1 root neg:5 case:5 det:5 nmod:1"))[:, 0]
    assert values.tolist() == pytest.approx(FITS["mug"])


def test_a_landmark_that_is_not_there_leaves_nothing():
    text = "the mug left of the fridge"
    values = scores(text, tree(text, "det:1 root case:5 fixed:2 det:5 nmod:1"))
    assert values.max() == 0


def test_of_several_names_every_region_keeps_its_scores():
    found = scores("mug; lamp", tree("mug", "root"), tree("lamp", "root"))
    assert found[:, 0].tolist() == pytest.approx(FITS["mug"])
    assert found[:, 1].tolist() == pytest.approx(FITS["lamp"])


def test_a_region_found_twice_is_counted_once():
    twice = masks_of(LEFT, (2, 20, 8, 25), RIGHT, size=(30, 40))
    found = chosen("two mug", "num:1 root", masks=twice, fits={"mug": [0.8, 0.75, 0.7]})
    assert found == [0, 2]


def test_no_region_at_all():
    assert scores("the mug", tree("the mug", "det:1 root"), masks=masks_of()).shape == (0, 1)
