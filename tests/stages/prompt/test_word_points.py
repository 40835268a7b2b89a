"""Points follow the sentence: adjectives add to their noun, other things are where it is not."""

from __future__ import annotations

import torch

from openseg.ops.text import parse_query
from openseg.stages.prompt.word_points import WordPoints
from openseg.types import Heatmaps, ParsedQuery, Phrase, Phrases
from tests.stages.trees import tree

SIZE = (80, 160)
ON_TABLE = tree("the red cup on the table", "det:2 amod:2 root case:5 det:5 nmod:2")


def spot(left, width):
    """A map of 8 x 16 cells of 10 pixels with a warm column of cells 2 to 5."""
    values = torch.full((8, 16), 0.1)
    values[2:6, left : left + width] = 1.0
    return values


def points_of(text, trees, config=None, **maps):
    """Points inside and outside of each phrase, given the map of each word that has one."""
    query = parse_query(text)
    words = tuple(
        Phrase(word, 0, (query.text.index(word), query.text.index(word) + len(word)))
        for word in maps
    )
    values = torch.stack(list(maps.values())) if maps else torch.zeros(0, 1, 1)
    outputs = WordPoints(config or WordPoints.Config()).run(
        [Heatmaps(values, SIZE)], [Phrases(words)], [query], [ParsedQuery(tuple(trees))]
    )
    points = outputs.points[0]
    assert len(points) == len(outputs.scores[0]) == len(outputs.phrases[0]) == len(outputs.rows[0])
    return [
        (xy[label == 1], xy[label == 0]) for xy, label in zip(points.xy, points.labels, strict=True)
    ]


def columns(points):
    """Which columns of cells points lie in."""
    return {int(x) // 10 for x in points[:, 0].tolist()}


def test_an_adjective_adds_points_where_it_agrees_with_its_noun():
    config = WordPoints.Config(points=40)
    [(inside, _)] = points_of(
        ON_TABLE.text, [ON_TABLE], config, cup=spot(2, 6), red=spot(6, 6), table=spot(13, 2)
    )
    assert len(inside) == 80
    assert columns(inside[40:]) <= {5, 6, 7, 8}  # cells 6 and 7, and a rim of interpolation
    [(apart, _)] = points_of(
        ON_TABLE.text, [ON_TABLE], config, cup=spot(2, 3), red=spot(9, 3), table=spot(13, 2)
    )
    assert len(apart) == 40


def test_other_things_of_the_phrase_are_outside():
    [(inside, outside)] = points_of(
        ON_TABLE.text, [ON_TABLE], cup=spot(2, 4), red=spot(2, 4), table=spot(10, 4)
    )
    assert len(outside) == 3
    assert columns(outside) <= {9, 10, 11, 12, 13, 14}
    assert columns(inside) <= {1, 2, 3, 4, 5, 6}
    [(_, shared)] = points_of(
        ON_TABLE.text, [ON_TABLE], cup=spot(2, 4), red=spot(2, 4), table=spot(2, 4)
    )
    assert len(shared) == 0


def test_a_thing_alone_has_points_in_the_background():
    cup = tree("cup", "root")
    [(_, outside)] = points_of("cup", [cup], cup=spot(6, 4))
    assert len(outside) == 3
    assert not columns(outside) & {7, 8}
    [(_, none)] = points_of("cup", [cup], WordPoints.Config(background=0), cup=spot(6, 4))
    assert len(none) == 0


def test_what_is_denied_of_a_noun_adds_nothing():
    plain = tree("cup that is not red", "root mark:4 mark:4 neg:4 amod:0")
    [(inside, _)] = points_of(plain.text, [plain], cup=spot(2, 6), red=spot(4, 4))
    assert len(inside) == 3


def test_a_noun_that_nobody_drew_has_no_points():
    flat = torch.full((8, 16), 0.2)
    hat = tree("hat", "root")
    found = points_of("cup; hat", [tree("cup", "root"), hat], cup=spot(2, 4), hat=flat)
    assert len(found) == 1
    assert points_of("hat", [hat]) == []
