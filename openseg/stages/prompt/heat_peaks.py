"""From a heat map to point prompts: its warmest cells in groups inside, its coldest ones outside.

Tang et al., "Towards Training-free Open-world Segmentation via Image Prompt Foundation Models"
(IPSeg), IJCV 2024, arXiv:2310.10912; with one point each, Zhang et al., PerSAM, arXiv:2305.03048.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Heatmaps, Phrases, Points, Rows, Scores


@stage("prompt.heat_peaks")
class HeatPeaks(Stage):
    """Points at the middles of groups of extreme cells; a map without a peak gives none."""

    class Config(StageConfig):
        """Settings of `prompt.heat_peaks`; defaults are those of IPSeg."""

        cells: int = Field(
            32, ge=1, description="Warmest cells that are grouped, and coldest. Source: IPSeg, 32."
        )
        inside: int = Field(
            4, ge=1, description="Groups of the warmest, a point each. Source: IPSeg, k-means of 4."
        )
        outside: int = Field(
            4, ge=0, description="Groups of the coldest, a point each. Source: IPSeg, k-means of 4."
        )
        grid: int = Field(
            60,
            ge=1,
            description="Rows and columns that maps are brought to first. Source: IPSeg, 60x60.",
        )
        min_contrast: float = Field(
            1.0,
            ge=0,
            description="How many times its mean a map's peak must be; a flatter one has no peak. "
            "At 1 only a map of equal values has none. Ours.",
        )

    class Outputs(NamedTuple):
        """Prompts, the heat under the points inside, what they are of, the maps they came from."""

        points: Batch[Points]
        scores: Batch[Scores]
        phrases: Batch[Phrases]
        rows: Batch[Rows]

    def run(self, heatmaps: Batch[Heatmaps], phrases: Batch[Phrases]) -> Outputs:
        """Finds the extremes of every map."""
        import torch

        config = self.config
        outputs = self.Outputs([], [], [], [])
        for maps, names in zip(heatmaps, phrases, strict=True):
            heat = ops.heat.resized(maps.values, (config.grid, config.grid))
            rows = [
                row
                for row, one in enumerate(maps.values)
                if ops.heat.contrast(one) > config.min_contrast
            ]
            points, scores = [], []
            for row in rows:
                warm, cold = (
                    ops.heat.cluster_centres(
                        ops.heat.warmest_points(sign * heat[row], maps.size, config.cells), count
                    )
                    for sign, count in ((1, config.inside), (-1, config.outside))
                )
                points.append((warm, cold))
                scores.append(
                    heat[row].flatten().topk(min(config.cells, heat[row].numel()))[0].mean()
                )
            xy, labels = ops.heat.labelled(points, heat.device)
            outputs.points.append(Points(xy, labels))
            outputs.scores.append(Scores(torch.stack(scores) if scores else heat.new_zeros(0)))
            outputs.phrases.append(names.take(rows))
            outputs.rows.append(Rows(torch.tensor(rows, dtype=torch.int64, device=heat.device)))
        return outputs
