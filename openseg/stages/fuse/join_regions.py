"""Two sets of scored regions as one: the rows of the first, then the rows of the second."""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import Masks, Similarity


@stage("fuse.join_regions")
class JoinRegions(Stage):
    """Concatenates masks and their scores for the phrases of one query."""

    class Outputs(NamedTuple):
        """All rows of both."""

        masks: Batch[Masks]
        similarity: Batch[Similarity]

    def run(
        self,
        first: Batch[Masks],
        first_similarity: Batch[Similarity],
        second: Batch[Masks],
        second_similarity: Batch[Similarity],
    ) -> Outputs:
        """Joins on every sample."""
        import torch

        masks = zip(first, second, strict=True)
        scores = zip(first_similarity, second_similarity, strict=True)
        return self.Outputs(
            [Masks(torch.cat([a.data, b.data])) for a, b in masks],
            [Similarity(torch.cat([a.values, b.values])) for a, b in scores],
        )
