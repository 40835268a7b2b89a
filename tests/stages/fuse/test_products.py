"""Opinions joined by a product: what one of them denies is denied."""

from __future__ import annotations

import torch

from openseg.stages.fuse.similarities import FuseSimilarities
from tests.stages.values import similarity


def test_the_geometric_mean_of_two_opinions():
    config = FuseSimilarities.Config(weights=(0.5, 0.5), join="product")
    first, second = similarity([[0.9, 0.4], [0.0, 0.5]]), similarity([[0.4, 0.4], [0.8, -0.2]])
    [found] = FuseSimilarities(config).run([first], [second]).similarity
    torch.testing.assert_close(found.values, torch.tensor([[0.6, 0.4], [0.0, 0.0]]))
