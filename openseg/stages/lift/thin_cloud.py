"""A cloud of fewer points: what is found on it is carried back by `lift.transfer`.

Memory and time of the stages that work on points are then bounded, however large the scan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Frames, Instances3D, PointCloud

if TYPE_CHECKING:
    from torch import Tensor


@stage("lift.thin_cloud")
class ThinCloud(Stage):
    """Keeps one point a cube, of the smallest cubes that leave few enough."""

    class Config(StageConfig):
        """Settings of `lift.thin_cloud`."""

        max_points: int = Field(
            500_000, ge=1, description="The most points kept; ScanNet's scans have 150,000. Ours."
        )
        spacing: float = Field(
            0.0,
            ge=0,
            description="The least side of a cube, metres; 0 keeps small clouds as they are. Ours.",
        )
        max_sightings: int = Field(
            100_000_000,
            ge=1,
            description="With frames connected, the most points times frames: of a scene with 400 "
            "frames 250,000 points are kept. Bounds what stages keep of each view. Ours.",
        )

    class Outputs(NamedTuple):
        """The thinned cloud; small clouds as they are, where no spacing is asked."""

        cloud: Batch[PointCloud]

    def run(
        self,
        cloud: Batch[PointCloud],
        frames: Batch[Frames] | None = None,
        kept: Batch[Instances3D] | None = None,
    ) -> Outputs:
        """Thins every scene's cloud; the points of `kept` stay, such as labelled ones."""
        made = []
        for i, one in enumerate(cloud):
            limit = self.config.max_points
            if frames is not None:
                limit = min(limit, max(1, self.config.max_sightings // max(len(frames[i]), 1)))
            stay = None if kept is None else kept[i].points
            made.append(_thinned(one, limit, stay, self.config.spacing))
        return self.Outputs(made)


def _thinned(cloud: PointCloud, limit: int, kept: Tensor | None, spacing: float) -> PointCloud:
    rows = scenes.thinning.thin(cloud.positions, limit, kept, spacing)
    if len(rows) == len(cloud):
        return cloud
    normals = None if cloud.normals is None else cloud.normals[rows]
    return PointCloud(cloud.positions[rows], cloud.colors[rows], normals)
