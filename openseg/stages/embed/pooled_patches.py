"""Regions as the mean of the patches that their masks cover: the image is encoded once for all.

Xu et al., "Open-Vocabulary Panoptic Segmentation with MaskCLIP", 2022, and Yu et al., "Convolutions
Die Hard" (FC-CLIP), NeurIPS 2023, arXiv:2308.02487, "mask pooling".
"""

from __future__ import annotations

from typing import NamedTuple

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import FeatureMap, Masks, RegionEmbeddings


@stage("embed.pooled_patches")
class PooledPatches(Stage):
    """Averages dense features over each mask."""

    class Outputs(NamedTuple):
        """One vector a region."""

        embeddings: Batch[RegionEmbeddings]

    def run(self, features: Batch[FeatureMap], masks: Batch[Masks]) -> Outputs:
        """Pools on every sample."""
        from torch.nn.functional import normalize

        pairs = zip(features, masks, strict=True)
        return self.Outputs(
            [
                RegionEmbeddings(
                    normalize(ops.pooling.masked_means(one.values, regions.data), dim=1)
                )
                for one, regions in pairs
            ]
        )
