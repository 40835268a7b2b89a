"""The cosine of mixtures: two views of each region, two wordings of each phrase.

Yu et al., "Zero-shot Referring Image Segmentation with Global-Local Context Features", CVPR 2023,
arXiv:2303.17811.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import RegionEmbeddings, Similarity, TextEmbeddings

if TYPE_CHECKING:
    from torch import Tensor


@stage("score.mixed_cosine")
class MixedCosine(Stage):
    """Mixes the vectors of each side by a share, then takes the cosine of the mixtures."""

    class Config(StageConfig):
        """Settings of `score.mixed_cosine`."""

        region_share: float = Field(
            0.85,
            ge=0,
            le=1,
            description="Share of `regions`, the rest is of `other_regions`. "
            "Source: Zero-shot-RIS, v: 0.85 for RefCOCOg, 0.95 for RefCOCO and RefCOCO+.",
        )
        phrase_share: float = Field(
            0.5,
            ge=0,
            le=1,
            description="Share of `phrases`, the rest is of `other_phrases`. "
            "Source: Zero-shot-RIS, r: 0.5.",
        )

    class Outputs(NamedTuple):
        """Regions by phrases."""

        similarity: Batch[Similarity]

    def run(
        self,
        regions: Batch[RegionEmbeddings],
        other_regions: Batch[RegionEmbeddings],
        phrases: Batch[TextEmbeddings],
        other_phrases: Batch[TextEmbeddings],
    ) -> Outputs:
        """Scores on every sample."""
        columns = zip(regions, other_regions, phrases, other_phrases, strict=True)
        return self.Outputs(
            [
                Similarity(
                    _mixed(r.vectors, s.vectors, self.config.region_share)
                    @ _mixed(p.vectors, q.vectors, self.config.phrase_share).T
                )
                for r, s, p, q in columns
            ]
        )


def _mixed(first: Tensor, second: Tensor, share: float) -> Tensor:
    """Unit vectors of the mixture."""
    import torch

    return torch.nn.functional.normalize(torch.lerp(second, first, share), dim=-1)
