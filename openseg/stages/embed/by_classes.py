"""Regions in the space of words, from what a closed-set model takes them for.

Norouzi et al., "Zero-Shot Learning by Convex Combination of Semantic Embeddings" (ConSE), ICLR
2014, arXiv:1312.5650: the mean of the known classes' vectors, weighted by their chances.
"""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import RegionEmbeddings, Similarity, TextEmbeddings


@stage("embed.by_classes")
class EmbedByClasses(Stage):
    """Embeds each region as the mean of the known names' vectors, weighted by its chances."""

    class Outputs(NamedTuple):
        """One vector a region."""

        embeddings: Batch[RegionEmbeddings]

    def run(self, classes: Batch[Similarity], known: Batch[TextEmbeddings]) -> Outputs:
        """Embeds on every sample."""
        from torch.nn.functional import normalize

        pairs = zip(classes, known, strict=True)
        return self.Outputs(
            [RegionEmbeddings(normalize(c.values @ k.vectors, dim=1)) for c, k in pairs]
        )
