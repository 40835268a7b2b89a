"""A cloud of no more than so many points: what is found on it is carried back by `lift.transfer`.

Memory and time of the stages that work on points are then bounded, however large the scan.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import PointCloud


@stage("lift.thin_cloud")
class ThinCloud(Stage):
    """Keeps one point a cube, of the smallest cubes that leave few enough."""

    class Config(StageConfig):
        """Settings of `lift.thin_cloud`."""

        max_points: int = Field(
            500_000, ge=1, description="The most points kept; ScanNet's scans have 150,000. Ours."
        )

    class Outputs(NamedTuple):
        """The thinned cloud; smaller clouds as they are."""

        cloud: Batch[PointCloud]

    def run(self, cloud: Batch[PointCloud]) -> Outputs:
        """Thins every scene's cloud."""
        return self.Outputs([self._thin(one) for one in cloud])

    def _thin(self, cloud: PointCloud) -> PointCloud:
        rows = scenes.thinning.thin(cloud.positions, self.config.max_points)
        if len(rows) == len(cloud):
            return cloud
        normals = None if cloud.normals is None else cloud.normals[rows]
        return PointCloud(cloud.positions[rows], cloud.colors[rows], normals)
