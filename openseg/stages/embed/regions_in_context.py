"""Regions in an image-text space: each region as a part of the whole image, not cut out of it.

The global branch of Yu et al., "Zero-shot Referring Image Segmentation with Global-Local Context
Features", CVPR 2023, arXiv:2303.17811; its local branch is `embed.masked_crops`.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.tasks.region_encoding import RegionEncoder
from openseg.types import Image, Masks, RegionEmbeddings


@stage("embed.regions_in_context")
class EmbedRegionsInContext(Stage):
    """Embeds the whole image once a region, with only the region's patches in the last layers."""

    class Config(StageConfig):
        """Settings of `embed.regions_in_context`."""

        last_layers: int = Field(
            3,
            ge=1,
            description="Layers of the image encoder, counted from the last, that see the region's "
            "patches alone. Source: Zero-shot-RIS, masking_block=9 of 12.",
        )

    class Outputs(NamedTuple):
        """One vector a region."""

        embeddings: Batch[RegionEmbeddings]

    def __init__(self, config: Config, encoder: RegionEncoder) -> None:
        super().__init__(config)
        self.encoder = encoder

    def run(self, image: Batch[Image], masks: Batch[Masks]) -> Outputs:
        """Embeds all regions of all images."""
        regions = [one.data for one in masks]
        vectors = self.encoder.encode_regions(image, regions, self.config.last_layers)
        return self.Outputs([RegionEmbeddings(one) for one in vectors])
