"""Masks for boxes in the views of a scene: `segment.by_prompt`, picture after picture."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.models.protocols import PromptSegmenter
from openseg.stages.segment.by_prompt import SegmentByPrompt
from openseg.types import Boxes, Frames, Scores, ViewMasks, ViewRegions


@stage("segment.boxes_in_views")
class SegmentBoxesInViews(Stage):
    """Asks a promptable segmenter for the mask of each box; rows stay aligned with the boxes."""

    class Config(SegmentByPrompt.Config):
        """Settings of `segment.boxes_in_views`: those of `segment.by_prompt` and more."""

        views_at_once: int = Field(
            4, ge=1, description="Pictures that are in memory and segmented together. Ours."
        )

    class Outputs(NamedTuple):
        """Masks with the model's own estimate of their IoU, aligned with the boxes."""

        masks: Batch[ViewMasks]
        quality: Batch[Scores]

    def __init__(self, config: Config, segmenter: PromptSegmenter) -> None:
        super().__init__(config)
        names = SegmentByPrompt.Config.model_fields
        settings = SegmentByPrompt.Config(**{name: getattr(config, name) for name in names})
        self.segment = SegmentByPrompt(settings, segmenter)

    def run(self, frames: Batch[Frames], regions: Batch[ViewRegions]) -> Outputs:
        """Segments every scene's boxes; only views that have some are read."""
        found = [self._segment(*pair) for pair in zip(frames, regions, strict=True)]
        return self.Outputs([masks for masks, _ in found], [quality for _, quality in found])

    def _segment(self, frames: Frames, regions: ViewRegions) -> tuple[ViewMasks, Scores]:
        import torch

        masks = [ViewMasks.from_masks(frames.poses.new_zeros(0, 1, 1, dtype=torch.bool))]
        quality = [frames.poses.new_zeros(0)]
        views = regions.used()
        for start in range(0, len(views), self.config.views_at_once):
            some = views[start : start + self.config.views_at_once]
            pictures = [frames[view].image() for view in some]
            rows = [regions.of_view(view) for view in some]
            boxes = [Boxes(regions.boxes[one.start : one.stop]) for one in rows]
            found = self.segment.run(pictures, boxes)
            masks += [ViewMasks.from_masks(one.data) for one in found.masks]
            quality += [one.values for one in found.quality]
        return ViewMasks.joined(masks), Scores(torch.cat(quality))
