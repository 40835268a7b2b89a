"""Regions and templates through a trained weight adapter.

Lu et al. (NIDS-Net), 2024, arXiv:2405.17859, section 3.3.
"""

from __future__ import annotations

from typing import NamedTuple

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import FeatureAdapter, RegionEmbeddings, TextEmbeddings


@stage("embed.adapt")
class Adapt(Stage):
    """Weighs the entries of both sides' vectors in the same way."""

    class Outputs(NamedTuple):
        """The adapted vectors, aligned with those that came."""

        regions: Batch[RegionEmbeddings]
        templates: Batch[TextEmbeddings]

    def run(
        self,
        regions: Batch[RegionEmbeddings],
        templates: Batch[TextEmbeddings],
        adapter: Batch[FeatureAdapter],
    ) -> Outputs:
        """Adapts every sample."""
        outputs = self.Outputs([], [])
        for found, known, one in zip(regions, templates, adapter, strict=True):
            layer = (one.inner, one.outer, one.scale)
            outputs.regions.append(RegionEmbeddings(ops.adapter.weigh(found.vectors, *layer)))
            outputs.templates.append(TextEmbeddings(ops.adapter.weigh(known.vectors, *layer)))
        return outputs
