"""What `select.best` keeps."""

from __future__ import annotations

import torch

from openseg.ops.text import parse_query
from openseg.stages.select.best import SelectBest
from openseg.types import Masks, Similarity

MASKS = Masks(torch.eye(3).bool().reshape(3, 1, 3))
FIT = Similarity(torch.tensor([[0.1, 0.7], [0.5, 0.2], [0.4, 0.6]]))


def run(**settings):
    query = parse_query("cat; dog")
    return SelectBest(SelectBest.Config(**settings)).run([MASKS], [FIT], [query])


def test_each_phrase_gets_its_most_similar_region():
    out = run()
    assert out.rows[0].index.tolist() == [1, 0]
    assert [phrase.text for phrase in out.phrases[0].items] == ["cat", "dog"]
    assert torch.equal(out.masks[0].data, MASKS.data[[1, 0]])


def test_more_regions_a_phrase_come_best_first():
    out = run(top=2)
    assert out.rows[0].index.tolist() == [1, 2, 0, 2]
    assert torch.equal(out.scores[0].values, torch.tensor([0.5, 0.4, 0.7, 0.6]))


def test_regions_that_do_not_fit_are_dropped():
    out = run(min_similarity=0.6)
    assert [phrase.text for phrase in out.phrases[0].items] == ["dog"]
