"""Regions of views as sets of points: the points that a view sees in each of its masks or boxes.

Boxes without masks hold more than the object, but what is behind it lies outside the boxes of other
views: where enough views agree, little else is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Frames, Instances3D, PointCloud, Sightings, ViewMasks, ViewRegions

if TYPE_CHECKING:
    from torch import Tensor


@stage("lift.pieces")
class Pieces(Stage):
    """Lifts each region by depth: a piece of an object, as one view saw it."""

    class Config(StageConfig):
        """Settings of `lift.pieces`."""

        tolerance: float = Field(
            0.05,
            gt=0,
            description="The most that a point's depth may differ from the measured one, metres. "
            "Source: Open-YOLO 3D, vis_depth_threshold for ScanNet200; 0.4 for Replica.",
        )
        min_points: int = Field(
            10, ge=1, description="Regions that hold fewer points are dropped. Ours."
        )

    class Outputs(NamedTuple):
        """One piece a region that holds points; its evidence names the region's view and row."""

        pieces: Batch[Instances3D]

    def run(
        self,
        frames: Batch[Frames],
        cloud: Batch[PointCloud],
        regions: Batch[ViewRegions],
        masks: Batch[ViewMasks] | None = None,
    ) -> Outputs:
        """Lifts the masks of every scene; without masks, all that lies in the boxes."""
        every = [None] * len(frames) if masks is None else masks
        columns = zip(frames, cloud, regions, every, strict=True)
        return self.Outputs([self._lift(*one) for one in columns])

    def _lift(
        self, frames: Frames, cloud: PointCloud, regions: ViewRegions, masks: ViewMasks | None
    ) -> Instances3D:
        import torch

        rows: list[int] = []
        points: list[Tensor] = [regions.views[:0]]
        views = regions.used()
        for one in scenes.looking.looks(frames, cloud.positions, self.config.tolerance, views):
            width = one.size[1]
            place = (one.pixels % width).to(torch.int32), (one.pixels // width).to(torch.int32)
            for row in regions.of_view(one.view):
                inside = one.points[_inside(place, regions, masks, row)]
                if len(inside) >= self.config.min_points:
                    rows.append(row)
                    points.append(inside)
        sizes = torch.tensor([len(some) for some in points[1:]], dtype=torch.int64)
        kept = torch.tensor(rows, dtype=torch.int64, device=regions.views.device)
        evidence = Sightings(
            torch.arange(len(rows), device=kept.device),
            regions.views[kept],
            regions.boxes[kept],
            kept,
            regions.scores[kept],
            frames.names,
        )
        return Instances3D(
            torch.cat(points),
            sizes.cumsum(0).to(kept.device),
            regions.scores[kept],
            len(cloud),
            None if regions.phrases is None else regions.phrases.take(rows),
            evidence,
        )


def _inside(
    place: tuple[Tensor, Tensor], regions: ViewRegions, masks: ViewMasks | None, row: int
) -> Tensor:
    """Which of some pixels, given by column and row, fall into a region."""
    x, y = place
    box = regions.boxes[row].round().long() if masks is None else masks.boxes[row]
    left, top, right, bottom = box.tolist()
    near: Tensor = ((x >= left) & (x < right) & (y >= top) & (y < bottom)).nonzero()[:, 0]
    if masks is not None:
        crop = masks.crop(row).reshape(-1)
        near = near[crop[(y[near] - top) * (right - left) + x[near] - left]]
    return near
