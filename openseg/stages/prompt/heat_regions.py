"""From a heat map to a prompt: random points in its warmest connected region, and the box of it.

As Liu et al., "Segment Anyword", ICML 2025, arXiv:2505.17994, turn cross-attention into prompts.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Boxes, Heatmaps, Phrases, Points, Rows, Scores


@stage("prompt.heat_regions")
class HeatRegions(Stage):
    """The largest region of each map above a threshold; a map without a peak gives none."""

    class Config(StageConfig):
        """Settings of `prompt.heat_regions`."""

        threshold: float = Field(
            0.7,
            ge=0,
            lt=1,
            description="A pixel is warm above it, on the map stretched to 0..1. "
            "Source: Segment Anyword, hard threshold 0.7.",
        )
        points: int = Field(
            3,
            ge=1,
            description="Points drawn in the region. Ours: Segment Anyword does not say how many.",
        )
        min_contrast: float = Field(
            1.1,
            ge=1,
            description="How many times its mean a map's peak must be; a flatter one has no peak. "
            "Ours.",
        )
        seed: int = Field(0, ge=0, description="Seed of the points. Ours.")

    class Outputs(NamedTuple):
        """Prompts, the heat in their regions, what they are of, and the maps they came from."""

        points: Batch[Points]
        boxes: Batch[Boxes]
        scores: Batch[Scores]
        phrases: Batch[Phrases]
        rows: Batch[Rows]

    def run(self, heatmaps: Batch[Heatmaps], phrases: Batch[Phrases]) -> Outputs:
        """Finds the region of every map."""
        import torch

        outputs = self.Outputs([], [], [], [], [])
        for maps, names in zip(heatmaps, phrases, strict=True):
            heat, device = maps.values, maps.values.device
            random = torch.Generator().manual_seed(self.config.seed)
            inside, boxes, scores, rows = [], [heat.new_zeros(0, 4)], [heat.new_zeros(0)], []
            for row, one in enumerate(heat):
                region = ops.heat.warm_region(
                    one, maps.size, self.config.threshold, self.config.min_contrast
                )
                if region is not None:
                    rows.append(row)
                    inside.append(ops.heat.random_points(region, self.config.points, random))
                    boxes.append(ops.masks.boxes_from_masks(region[None]))
                    scores.append(ops.heat.mean_over(one, region)[None])
            xy, labels = ops.heat.labelled([(some, some[:0]) for some in inside], device)
            outputs.points.append(Points(xy, labels))
            outputs.boxes.append(Boxes(torch.cat(boxes)))
            outputs.scores.append(Scores(torch.cat(scores)))
            outputs.phrases.append(names.take(rows))
            outputs.rows.append(Rows(torch.tensor(rows, dtype=torch.int64, device=device)))
        return outputs
