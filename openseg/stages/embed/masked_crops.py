"""Regions in an image-text space: each region's masked crop, embedded.

The local branch of Yu et al., "Zero-shot Referring Image Segmentation with Global-Local Context
Features", CVPR 2023, arXiv:2303.17811.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ImageTextEncoder
from openseg.types import Image, Masks, RegionEmbeddings


@stage("embed.masked_crops")
class EmbedMaskedCrops(Stage):
    """Embeds each region's crop with everything outside its mask filled by the mean pixel."""

    class Config(StageConfig):
        """Settings of `embed.masked_crops`."""

        margin: float = Field(
            0.1,
            ge=0,
            le=2,
            description="Room left around the region on each side, as a share of its longer side. "
            "Ours, as the mini encoder was trained.",
        )

    class Outputs(NamedTuple):
        """One vector a region."""

        embeddings: Batch[RegionEmbeddings]

    def __init__(self, config: Config, encoder: ImageTextEncoder) -> None:
        super().__init__(config)
        self.encoder = encoder

    def run(self, image: Batch[Image], masks: Batch[Masks]) -> Outputs:
        """Embeds all regions of all images together."""
        import torch

        crops = [
            ops.crops.masked_crops(
                one.pixels, regions.data, self.encoder.mean_pixel, self.config.margin
            )
            for one, regions in zip(image, masks, strict=True)
        ]
        vectors = self.encoder.encode_images([crop for some in crops for crop in some])
        split = torch.split(vectors, [len(some) for some in crops])
        return self.Outputs([RegionEmbeddings(one) for one in split])
