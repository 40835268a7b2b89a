"""A cloud for a scene that has none: what its depth maps measured, one point a small cube."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Frames, PointCloud


@stage("lift.fuse_cloud")
class FuseCloud(Stage):
    """Fuses the depth of all frames, with colours and normals."""

    class Config(StageConfig):
        """Settings of `lift.fuse_cloud`."""

        cube: float = Field(
            0.02, gt=0, description="Metres between points. Source: ScanNet's meshes, about 2 cm."
        )
        max_depth: float = Field(
            5.0, gt=0, description="Farther measurements are left out, metres. Ours: depth cameras."
        )
        min_frames: int = Field(
            1, ge=1, description="Points that fewer frames saw are left out. Ours."
        )

    class Outputs(NamedTuple):
        """The fused cloud; without any depth it is empty."""

        cloud: Batch[PointCloud]

    def run(self, frames: Batch[Frames]) -> Outputs:
        """Fuses every scene."""
        config = self.config
        return self.Outputs(
            [
                scenes.fusion.fuse(one, config.cube, config.max_depth, config.min_frames)
                for one in frames
            ]
        )
