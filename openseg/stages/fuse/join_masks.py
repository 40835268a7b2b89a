"""Two sets of masks as one: the rows of the first, then the rows of the second."""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import Masks, Scores


@stage("fuse.join_masks")
class JoinMasks(Stage):
    """Concatenates masks and their scores."""

    class Outputs(NamedTuple):
        """All rows of both."""

        masks: Batch[Masks]
        scores: Batch[Scores]

    def run(
        self,
        first: Batch[Masks],
        first_scores: Batch[Scores],
        second: Batch[Masks],
        second_scores: Batch[Scores],
    ) -> Outputs:
        """Joins on every sample."""
        import torch

        masks = zip(first, second, strict=True)
        scores = zip(first_scores, second_scores, strict=True)
        return self.Outputs(
            [Masks(torch.cat([a.data, b.data])) for a, b in masks],
            [Scores(torch.cat([a.values, b.values])) for a, b in scores],
        )
