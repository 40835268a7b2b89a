"""Masks of objects in views: the pixels whose nearest seen point is the object's. Ours."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Frames, Instances3D, PointCloud, Rows, ViewMasks, ViewRegions


@stage("segment.outlines")
class Outlines(Stage):
    """Draws objects into views from their points alone; no segmenter is asked."""

    class Config(StageConfig):
        """Settings of `segment.outlines`."""

        tolerance: float = Field(
            0.05, gt=0, description="As in `lift.visibility`, metres. Source: Open-YOLO 3D."
        )
        longest_side: int = Field(
            320, ge=8, description="Cells of a picture's longer side; masks are no finer. Ours."
        )

    class Outputs(NamedTuple):
        """A mask for each region, within the region's box."""

        masks: Batch[ViewMasks]

    def run(
        self,
        frames: Batch[Frames],
        cloud: Batch[PointCloud],
        instances: Batch[Instances3D],
        regions: Batch[ViewRegions],
        objects: Batch[Rows],
    ) -> Outputs:
        """Draws the objects of every scene.

        Args:
            frames: The views.
            cloud: The points.
            instances: The objects.
            regions: Boxes around objects in views, as from `lift.top_views`.
            objects: The object that each of them shows.
        """
        columns = zip(frames, cloud, instances, regions, objects, strict=True)
        return self.Outputs([self._draw(*one) for one in columns])

    def _draw(
        self,
        frames: Frames,
        cloud: PointCloud,
        instances: Instances3D,
        regions: ViewRegions,
        objects: Rows,
    ) -> ViewMasks:
        import torch

        config = self.config
        member = torch.zeros(len(cloud), dtype=torch.bool)
        masks: list[torch.Tensor] = []
        boxes: list[list[int]] = []
        views = regions.used()
        for one in scenes.looking.looks(frames, cloud.positions, config.tolerance, views):
            nearest, side = scenes.looking.nearest_seen(one, config.longest_side)
            for row in regions.of_view(one.view):
                box = regions.boxes[row].round().long().tolist()
                points = instances.of(int(objects.index[row])).cpu()
                member[points] = True
                masks.append(scenes.looking.nearest_of(nearest, side, box, member))
                boxes.append(box)
                member[points] = False
        return ViewMasks.from_crops(masks, boxes, regions.boxes.device)
