"""A classifier of known classes and one of any words, as a weighted geometric mean.

Kuo et al., "F-VLM", ICLR 2023, arXiv:2209.15639; as used by Yu et al. (FC-CLIP), arXiv:2308.02487,
and Chen et al. (FrozenSeg), 2024, arXiv:2409.03525.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Similarity, TextQuery


@stage("score.geometric_ensemble")
class GeometricEnsemble(Stage):
    """Trusts the classifier of any words a little for classes the other knows, more for others."""

    class Config(StageConfig):
        """Settings of `score.geometric_ensemble`."""

        alpha: float = Field(
            0.4, ge=0, le=1, description="Weight of `outside` for known classes. Source: FC-CLIP."
        )
        beta: float = Field(
            0.8, ge=0, le=1, description="Weight of `outside` for other classes. Source: FC-CLIP."
        )

    class Outputs(NamedTuple):
        """Regions by phrases, in [0, 1]; over the classes they sum to 1."""

        similarity: Batch[Similarity]

    def run(
        self,
        inside: Batch[Similarity],
        outside: Batch[Similarity],
        query: Batch[TextQuery],
        known: Batch[TextQuery],
    ) -> Outputs:
        """Joins the chances of every sample.

        Args:
            inside: Chances by the classifier of known classes.
            outside: Chances by the classifier of any words.
            query: What is asked for.
            known: The words of the known classes.
        """
        import torch

        found = []
        for near, far, asked, words in zip(inside, outside, query, known, strict=True):
            seen = torch.tensor(ops.classes.known_phrases(asked, words), device=near.values.device)
            weight = torch.where(seen, self.config.alpha, self.config.beta)
            mean = near.values ** (1 - weight) * far.values**weight
            classes = ops.classes.per_class(mean, asked.phrases)
            total = classes.sum(dim=1, keepdim=True).clamp(min=1e-12)
            found.append(Similarity(ops.classes.per_phrase(classes / total, asked.phrases)))
        return self.Outputs(found)
