"""How well each region fits each phrase: the cosine of their vectors."""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import RegionEmbeddings, Similarity, TextEmbeddings


@stage("score.cosine")
class Cosine(Stage):
    """Cosine similarity of every region with every phrase."""

    class Outputs(NamedTuple):
        """Regions by phrases."""

        similarity: Batch[Similarity]

    def run(self, regions: Batch[RegionEmbeddings], phrases: Batch[TextEmbeddings]) -> Outputs:
        """Multiplies the unit vectors of each sample."""
        pairs = zip(regions, phrases, strict=True)
        return self.Outputs([Similarity(r.vectors @ p.vectors.T) for r, p in pairs])
