"""Scores times how good a mask is: a sure class of a doubtful mask is a doubtful answer."""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import Scores, Similarity


@stage("score.by_quality")
class ByQuality(Stage):
    """Multiplies each region's scores by its quality."""

    class Outputs(NamedTuple):
        """Regions by phrases."""

        similarity: Batch[Similarity]

    def run(self, similarity: Batch[Similarity], quality: Batch[Scores]) -> Outputs:
        """Multiplies on every sample."""
        pairs = zip(similarity, quality, strict=True)
        return self.Outputs([Similarity(s.values * q.values[:, None]) for s, q in pairs])
