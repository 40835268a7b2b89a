"""Truth as a value: read from targets, and in the place of every type the table knows."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from openseg.ops.text import parse_query
from openseg.types import (
    Boxes,
    Masks,
    Phrase,
    Phrases,
    Points,
    Rows,
    Scores,
    Similarity,
    TextQuery,
)
from openseg.types.errors import InputError, ShapeError
from openseg_evals import rle
from openseg_evals.oracle.columns import COLUMNS
from openseg_evals.oracle.overlap import Overlap
from openseg_evals.oracle.stages import Choice, Match
from openseg_evals.oracle.truth import Truth
from openseg_evals.samples import Target

CPU = torch.device("cpu")
QUERY = parse_query("a ring; a bar; a dot")


def drawn() -> list[np.ndarray]:
    """A ring, and a bar beside it."""
    ring, bar = np.zeros((2, 12, 20), np.bool_)
    ring[1:8, 1:8] = True
    ring[3:6, 3:6] = False
    bar[4:6, 10:19] = True
    return [ring, bar]


@pytest.fixture
def truth() -> Truth:
    return Truth.of([Target(i, rle.encode(one)) for i, one in enumerate(drawn())], (12, 20), CPU)


def test_targets_become_masks_and_phrases(truth):
    assert np.array_equal(truth.masks.numpy(), np.stack(drawn()))
    assert truth.phrases.tolist() == [0, 1]
    assert truth.boxes.tolist() == [[1, 1, 8, 8], [10, 4, 19, 6]]


def test_no_target_is_zero_rows_and_a_target_without_a_pixel_is_none():
    assert Truth.of([], (12, 20), CPU).masks.shape == (0, 12, 20)
    assert len(Truth.of([Target(0, rle.empty(12, 20))], (12, 20), CPU)) == 0


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(InputError, match="a true mask is 20x12, its image is 20x13"):
        Truth.of([Target(0, rle.empty(12, 20))], (13, 20), CPU)


def test_masks_and_phrases_have_the_same_rows(truth):
    with pytest.raises(ShapeError):
        Truth(truth.masks, truth.phrases[:1])


def test_phrases_of_one_class_mean_the_same(truth):
    synonyms = TextQuery("cup mug", (Phrase("cup", 5, (0, 3)), Phrase("mug", 5, (4, 7))))
    assert truth.classes(synonyms).tolist() == [5, 5]


def true(kind: type, truth: Truth):
    return COLUMNS[kind].true(truth, QUERY)


def test_every_column_says_the_truth_in_the_same_rows(truth):
    assert true(Boxes, truth).xyxy.tolist() == truth.boxes.tolist()
    assert torch.equal(true(Masks, truth).data, truth.masks)
    assert true(Scores, truth).values.tolist() == [1, 1]
    assert [one.text for one in true(Phrases, truth).items] == ["a ring", "a bar"]
    assert true(Rows, truth).index.tolist() == [0, 1]
    assert true(Similarity, truth).values.tolist() == [[1, 0, 0], [0, 1, 0]]


def test_a_true_point_lies_inside_its_region_even_in_a_ring(truth):
    points = true(Points, truth)
    x, y = points.xy[:, 0].long().unbind(1)
    assert truth.masks[torch.arange(2), y, x].all()
    assert COLUMNS[Points].overlap(points, truth).tolist() == [[1, 0], [0, 1]]


def test_points_count_when_they_lie_where_their_label_says(truth):
    xy = torch.tensor([[[1.5, 1.5], [4.5, 4.5]], [[12.5, 4.5], [1.5, 1.5]]])
    labels = torch.tensor([[1, 0], [1, 1]])
    overlap = COLUMNS[Points].overlap(Points(xy, labels), truth)
    assert overlap.tolist() == [[1, 0], [0.5, 0.5]]


@pytest.mark.parametrize("kind", [kind for kind in COLUMNS if COLUMNS[kind].true])
def test_zero_true_regions_give_zero_rows(kind):
    nothing = Truth.of([], (12, 20), CPU)
    assert len(COLUMNS[kind].true(nothing, QUERY)) == 0


def test_rankings_by_overlap():
    overlap = torch.tensor([[0.2, 0.7, 0.0], [0.0, 0.1, 0.0]])
    classes = torch.tensor([0, 0, 1])
    assert COLUMNS[Scores].ranked(overlap, classes, (0, 1)).values.tolist() == pytest.approx(
        [0.7, 0.1]
    )
    similarity = COLUMNS[Similarity].ranked(overlap, classes, (0, 1, 2)).values
    assert similarity[:, 0].tolist() == pytest.approx([0.7, 0.1])
    assert similarity[:, 1:].tolist() == [[0, 0], [0, 0]]  # fits nothing; means nothing


def test_each_true_region_keeps_its_best_and_the_others_are_dropped():
    """Region 0 is best for both rings; the second ring takes region 2, for the larger sum."""
    overlap = Overlap(
        torch.tensor([[0.9, 0.8, 0.0], [0.0, 0.0, 0.0], [0.1, 0.7, 0.0], [0.6, 0.0, 0.0]])
    )
    masks = torch.ones(3, 2, 2, dtype=torch.bool)
    truth = Truth(masks, torch.tensor([0, 0, 1]))
    kept = Choice(Choice.Config()).run([overlap], [truth], [QUERY])
    assert kept.rows[0].index.tolist() == [0, 2]
    assert kept.scores[0].values.tolist() == pytest.approx([0.9, 0.7])
    assert [one.text for one in kept.phrases[0].items] == ["a ring", "a ring"]


def test_a_region_may_serve_two_classes():
    overlap = Overlap(torch.tensor([[0.9, 0.9]]))
    truth = Truth(torch.ones(2, 2, 2, dtype=torch.bool), torch.tensor([0, 1]))
    kept = Choice(Choice.Config()).run([overlap], [truth], [QUERY])
    assert kept.rows[0].index.tolist() == [0, 0]
    assert [one.text for one in kept.phrases[0].items] == ["a ring", "a bar"]


def test_a_region_that_overlaps_nothing_stands_for_nothing():
    overlap = Overlap(torch.tensor([[0.0, 0.0], [0.1, 0.3]]))
    rows = Match(Match.Config()).run([overlap, Overlap(torch.zeros(1, 0))]).rows
    assert [one.index.tolist() for one in rows] == [[-1, 1], [-1]]
