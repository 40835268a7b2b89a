"""The weighted sum of similarities, worked out by hand."""

from __future__ import annotations

import pytest
import torch

from openseg.stages.fuse.similarities import FuseSimilarities
from openseg.types import Similarity
from openseg.types.errors import InputError


def table(*rows: tuple[float, ...]) -> list[Similarity]:
    return [Similarity(torch.tensor(rows, dtype=torch.float32))]


def test_each_has_its_weight():
    stage = FuseSimilarities(FuseSimilarities.Config(weights=(1, 0.5, -2)))
    [found] = stage.run(
        table((1, 2), (3, 4)), table((2, 2), (4, 4)), table((0, 1), (1, 0))
    ).similarity
    assert found.values.tolist() == [[2.0, 1.0], [3.0, 6.0]]


def test_without_weights_it_is_the_mean():
    [found] = FuseSimilarities(FuseSimilarities.Config()).run(table((1,)), table((2,))).similarity
    assert found.values.tolist() == [[1.5]]


def test_as_many_weights_as_inputs():
    stage = FuseSimilarities(FuseSimilarities.Config(weights=(1, 1, 1)))
    with pytest.raises(InputError, match="3 weights for 2"):
        stage.run(table((1,)), table((2,)))
