"""Labels of regions: the best class of each, or a stable matching of regions and classes."""

from __future__ import annotations

import itertools

import pytest
import torch

from openseg.stages.select.per_region import SelectPerRegion
from openseg.stages.select.stable_matching import StableMatching
from openseg.types import Similarity
from tests.stages.values import masks_of, query_of, similarity

THREE = masks_of((0, 0, 4, 4), (0, 0, 4, 5), (6, 0, 10, 8))


def per_region(rows, query, masks=THREE, **settings):
    stage = SelectPerRegion(SelectPerRegion.Config(**settings))
    out = stage.run([masks], [similarity(rows, len(query.phrases))], [query])
    return out.rows[0].index.tolist(), out.scores[0].values.tolist(), out.phrases[0].items


def test_a_class_scores_as_its_best_phrase_and_answers_by_its_first():
    rows, scores, phrases = per_region(
        [[0.1, 0.8, 0.5]], query_of("cup|mug", "hat"), masks_of((0, 0, 2, 2))
    )
    assert (rows, scores) == ([0], [pytest.approx(0.8)])
    assert [(one.text, one.class_id) for one in phrases] == [("cup", 0)]


def test_the_weaker_of_two_overlapping_regions_of_one_class_is_dropped():
    query = query_of("cup", "hat")
    assert per_region([[0.5, 0.1], [0.7, 0.1], [0.6, 0.2]], query)[0] == [1, 2]
    assert per_region([[0.5, 0.1], [0.1, 0.7], [0.6, 0.2]], query)[0] == [1, 2, 0], "other classes"
    assert per_region([[0.5, 0.1], [0.7, 0.1], [0.6, 0.2]], query, nms_iou=1)[0] == [1, 2, 0]


def test_regions_that_fit_nothing_are_dropped():
    assert per_region([[0.005, -0.5], [0.2, 0.0], [0.0, 0.0]], query_of("cup", "hat"))[0] == [1]
    assert per_region([], query_of("cup"), masks_of())[0] == []


def matched(values, **settings):
    count, classes = values.shape
    query = query_of(*(f"thing {k}" for k in range(classes)))
    masks = masks_of(*[(0, 0, 1, 1)] * count)
    out = StableMatching(StableMatching.Config(**settings)).run(
        [masks], [Similarity(values)], [query]
    )
    pairs = zip(out.rows[0].index.tolist(), out.phrases[0].items, strict=True)
    return {row: phrase.class_id for row, phrase in pairs}, out.scores[0].values


@pytest.mark.parametrize(
    ("regions", "classes", "seed"), [(6, 3, 0), (3, 6, 1), (5, 5, 2), (1, 4, 3)]
)
def test_no_pair_would_rather_have_each_other(regions, classes, seed):
    values = torch.rand(regions, classes, generator=torch.Generator().manual_seed(seed))
    pairs, scores = matched(values)
    assert len(pairs) == min(regions, classes)
    assert len(set(pairs.values())) == len(pairs)
    assert scores.tolist() == sorted(scores.tolist(), reverse=True)
    owner = {place: row for row, place in pairs.items()}
    for row, place in itertools.product(range(regions), range(classes)):
        happier_row = row not in pairs or values[row, place] > values[row, pairs[row]]
        happier_place = place not in owner or values[row, place] > values[owner[place], place]
        assert not (happier_row and happier_place and pairs.get(row) != place)


def test_weak_pairs_are_dropped_and_no_region_gives_no_pair():
    values = torch.tensor([[0.9, 0.2], [0.8, 0.1]])
    assert matched(values, min_score=0.5)[0] == {0: 0}
    assert matched(values[:0])[0] == {}
