"""Masks of everything in the views of a scene: `propose.automatic_masks`, view after view."""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.models.protocols import PromptSegmenter
from openseg.stages.propose.automatic_masks import AutomaticMasks
from openseg.types import Frames, ViewMasks, ViewRegions


@stage("propose.masks_in_views")
class MasksInViews(Stage):
    """Class-agnostic masks of the colour picture of every frame."""

    class Config(AutomaticMasks.Config):
        """Settings of `propose.masks_in_views`: those of `propose.automatic_masks`."""

    class Outputs(NamedTuple):
        """Boxes of the masks, scored by predicted IoU, view by view, best first; and the masks."""

        regions: Batch[ViewRegions]
        masks: Batch[ViewMasks]

    def __init__(self, config: Config, segmenter: PromptSegmenter) -> None:
        super().__init__(config)
        self.propose = AutomaticMasks(config, segmenter)

    def run(self, frames: Batch[Frames]) -> Outputs:
        """Proposes in every scene's views; one picture and its masks are in memory at a time."""
        found = [self._propose(one) for one in frames]
        return self.Outputs([regions for regions, _ in found], [masks for _, masks in found])

    def _propose(self, frames: Frames) -> tuple[ViewRegions, ViewMasks]:
        import torch

        empty = frames.poses.new_zeros(0)
        views, boxes, scores = [empty.long()], [empty.reshape(0, 4)], [empty]
        masks = [ViewMasks.from_masks(empty.bool().reshape(0, 1, 1))]
        for frame in frames:
            found = self.propose.run([frame.image()])
            masks.append(ViewMasks.from_masks(found.masks[0].data))
            boxes.append(found.boxes[0].xyxy)
            scores.append(found.quality[0].values)
            views.append(torch.full((len(found.masks[0]),), frame.row, device=empty.device))
        return (
            ViewRegions(torch.cat(views), torch.cat(boxes), torch.cat(scores)),
            ViewMasks.joined(masks),
        )
