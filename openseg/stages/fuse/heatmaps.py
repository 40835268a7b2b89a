"""Two sets of heat maps as one: their weighted mean, map by map, on the finer grid."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Heatmaps


@stage("fuse.heatmaps")
class FuseHeatmaps(Stage):
    """Averages maps of the same phrases or things."""

    class Config(StageConfig):
        """Settings of `fuse.heatmaps`."""

        second_weight: float = Field(
            0.5, ge=0, le=1, description="Share of the second map; the first has the rest. Ours."
        )

    class Outputs(NamedTuple):
        """One map for each pair."""

        heatmaps: Batch[Heatmaps]

    def run(self, first: Batch[Heatmaps], second: Batch[Heatmaps]) -> Outputs:
        """Fuses on every sample."""
        share = self.config.second_weight
        fused = []
        for a, b in zip(first, second, strict=True):
            rows, columns = (
                max(sides) for sides in zip(a.values.shape[1:], b.values.shape[1:], strict=True)
            )
            one, other = (ops.heat.resized(maps.values, (rows, columns)) for maps in (a, b))
            fused.append(Heatmaps((1 - share) * one + share * other, a.size))
        return self.Outputs(fused)
