"""Dense features of the image: a unit vector for each cell of a grid.

With CLIP they lie in the space of its texts (Zhou et al., MaskCLIP, ECCV 2022, arXiv:2112.01071).
"""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ImageEncoder
from openseg.types import FeatureMap, Image


@stage("embed.patches")
class EmbedPatches(Stage):
    """Encodes the whole image once and keeps its patches."""

    class Outputs(NamedTuple):
        """The patches."""

        features: Batch[FeatureMap]

    def __init__(self, config: StageConfig, encoder: ImageEncoder) -> None:
        super().__init__(config)
        self.encoder = encoder

    def run(self, image: Batch[Image]) -> Outputs:
        """Encodes all images together."""
        from torch.nn.functional import normalize

        found = self.encoder.encode(image)
        return self.Outputs(
            [
                FeatureMap(normalize(one.patches, dim=0), picture.size)
                for picture, one in zip(image, found, strict=True)
            ]
        )
