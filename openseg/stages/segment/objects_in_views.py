"""2D masks of objects of a scene: a segmenter prompted with a few of their visible points.

Takmaz et al., "OpenMask3D", NeurIPS 2023, arXiv:2306.13631: several rounds of a few random points,
and the mask that the model rates best.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import Prompts, PromptSegmenter
from openseg.ops import scenes
from openseg.types import Frames, Instances3D, PointCloud, Rows, ViewMasks, ViewRegions

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from openseg.ops.scenes.sights import Sight


@stage("segment.objects_in_views")
class SegmentObjectsInViews(Stage):
    """Finds each object's mask in the views that are given for it."""

    class Config(StageConfig):
        """Settings of `segment.objects_in_views`."""

        rounds: int = Field(
            10, ge=1, description="Draws of points. Source: OpenMask3D, num_random_rounds."
        )
        points: int = Field(
            5, ge=1, description="Points of a draw. Source: OpenMask3D, num_selected_points."
        )
        tolerance: float = Field(
            0.2, gt=0, description="As in `lift.visibility`, metres. Source: OpenMask3D."
        )
        seed: int = Field(0, ge=0, description="Seed of the draws.")

    class Outputs(NamedTuple):
        """Masks aligned with the boxes that came in; boxes are those of the masks."""

        regions: Batch[ViewRegions]
        masks: Batch[ViewMasks]

    def __init__(self, config: Config, segmenter: PromptSegmenter) -> None:
        super().__init__(config)
        self.segmenter = segmenter

    def run(
        self,
        frames: Batch[Frames],
        cloud: Batch[PointCloud],
        instances: Batch[Instances3D],
        regions: Batch[ViewRegions],
        objects: Batch[Rows],
    ) -> Outputs:
        """Segments the objects of every scene."""
        columns = zip(frames, cloud, instances, regions, objects, strict=True)
        found = [self._segment(*one) for one in columns]
        return self.Outputs([regions for regions, _ in found], [masks for _, masks in found])

    def _segment(
        self,
        frames: Frames,
        cloud: PointCloud,
        instances: Instances3D,
        regions: ViewRegions,
        objects: Rows,
    ) -> tuple[ViewRegions, ViewMasks]:
        import torch

        random = torch.Generator().manual_seed(self.config.seed)
        masks = [
            ViewMasks.from_masks(torch.zeros(0, 1, 1, dtype=torch.bool, device=frames.poses.device))
        ]
        eye = scenes.sights.Eye(instances)
        views = regions.used()
        for one in scenes.looking.looks(frames, cloud.positions, self.config.tolerance, views):
            here = regions.of_view(one.view)
            rows = objects.index[here.start : here.stop]
            prompts = self._prompts(eye(one), rows, one.size[1], random)
            picture = frames[one.view].image()
            [found] = self.segmenter.segment([picture], [prompts], candidates=False)
            shape = (len(rows), self.config.rounds)
            best = found.quality[:, 0].reshape(shape).argmax(dim=1)
            logits = found.logits[:, 0].reshape(*shape, *found.logits.shape[2:])
            chosen = logits[torch.arange(len(rows), device=best.device), best]
            masks.append(ViewMasks.from_masks(self.segmenter.pixels(chosen, picture.size) > 0))
        joined = ViewMasks.joined(masks)
        # Where no mask was found the box of the points stands for it.
        empty = (joined.boxes[:, 2:] <= joined.boxes[:, :2]).any(dim=1)
        boxes = torch.where(empty[:, None], regions.boxes, joined.boxes.float())
        return ViewRegions(regions.views, boxes, regions.scores, regions.phrases), joined

    def _prompts(self, sight: Sight, rows: Tensor, width: int, random: Generator) -> Prompts:
        """Draws of points, object after object, a draw a prompt."""
        import torch

        draws, by_object = [], torch.split(sight.pixels, sight.counts.tolist())
        for row in rows.tolist():
            pixels = by_object[row]
            if not len(pixels):  # seen by the looser tolerance of another stage only
                pixels = sight.pixels.new_zeros(1)
            picks = torch.randint(
                len(pixels), (self.config.rounds, self.config.points), generator=random
            )
            chosen = pixels[picks.to(pixels.device)]
            draws.append(torch.stack([chosen % width, chosen // width], dim=-1).float() + 0.5)
        points = torch.cat(draws)
        labels = torch.ones(points.shape[:2], dtype=torch.int64, device=points.device)
        return Prompts(points=points, point_labels=labels)
