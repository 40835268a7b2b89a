"""Regions large enough to be judged, the largest of them where there are many."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Masks, Rows


@stage("select.by_size")
class SelectBySize(Stage):
    """Drops regions whose mask or box is tiny, then all but the largest; keeps their order."""

    class Config(StageConfig):
        """Settings of `select.by_size`."""

        min_area: float = Field(
            0.0, ge=0, le=1, description="Least share of the image that a mask covers. Ours."
        )
        min_box: float = Field(
            0.0,
            ge=0,
            le=1,
            description="Least root of the share of the image that a mask's box covers. Ours.",
        )
        top: int = Field(
            1000, ge=1, description="The most regions kept, the largest masks first. Ours."
        )

    class Outputs(NamedTuple):
        """The regions kept."""

        masks: Batch[Masks]
        rows: Batch[Rows]

    def run(self, masks: Batch[Masks]) -> Outputs:
        """Selects on every sample."""
        outputs = self.Outputs([], [])
        for regions in masks:
            height, width = regions.data.shape[1:]
            area = ops.masks.area(regions.data)
            boxes = ops.boxes.area(ops.masks.boxes_from_masks(regions.data))
            large = area / (height * width) > self.config.min_area
            wide = boxes / (height * width) > self.config.min_box**2
            rows = (large & wide).nonzero()[:, 0]
            largest = area[rows].argsort(descending=True, stable=True)[: self.config.top]
            rows = rows[largest.sort().values]
            outputs.masks.append(Masks(regions.data[rows]))
            outputs.rows.append(Rows(rows))
        return outputs
