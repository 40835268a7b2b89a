"""Regions as foreground feature averages: patches of each region's crop, averaged over its mask.

Kotar et al., "Are These the Same Apple?", NeurIPS 2023 (datasets), arXiv:2311.00750; as used by Lu
et al. (NIDS-Net), 2024, arXiv:2405.17859.
"""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ImageEncoder
from openseg.stages.embed._foreground import foreground_averages
from openseg.types import Image, Masks, RegionEmbeddings


@stage("embed.foreground_average")
class ForegroundAverage(Stage):
    """Embeds each region's crop, black outside of the mask, by its patches inside of the mask."""

    class Outputs(NamedTuple):
        """One vector a region."""

        embeddings: Batch[RegionEmbeddings]

    def __init__(self, config: StageConfig, encoder: ImageEncoder) -> None:
        super().__init__(config)
        self.encoder = encoder

    def run(self, image: Batch[Image], masks: Batch[Masks]) -> Outputs:
        """Embeds all regions of all images together."""
        pictures = [(one.pixels, regions.data) for one, regions in zip(image, masks, strict=True)]
        found = foreground_averages(self.encoder, pictures)
        return self.Outputs([RegionEmbeddings(one) for one in found])
