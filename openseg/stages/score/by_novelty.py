"""Scores weighted by whether a closed-set model knows the class: masks of two kinds share the work.

Chen et al., "FrozenSeg", 2024, arXiv:2409.03525, "OpenSeg ensemble".
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Similarity, TextQuery


@stage("score.by_novelty")
class ByNovelty(Stage):
    """Multiplies scores of known classes by one factor, those of other classes by another."""

    class Config(StageConfig):
        """Settings of `score.by_novelty`."""

        known_weight: float = Field(1.0, ge=0, le=1, description="Factor of known classes. Ours.")
        novel_weight: float = Field(1.0, ge=0, le=1, description="Factor of other classes. Ours.")

    class Outputs(NamedTuple):
        """Regions by phrases."""

        similarity: Batch[Similarity]

    def run(
        self, similarity: Batch[Similarity], query: Batch[TextQuery], known: Batch[TextQuery]
    ) -> Outputs:
        """Weighs on every sample; `known` are the words of the known classes."""
        import torch

        found = []
        for one, asked, words in zip(similarity, query, known, strict=True):
            seen = torch.tensor(ops.classes.known_phrases(asked, words), device=one.values.device)
            weight = torch.where(seen, self.config.known_weight, self.config.novel_weight)
            found.append(Similarity(one.values * weight))
        return self.Outputs(found)
