"""Objects carried from one cloud of a scene to another: each point asks those nearest to it.

What was found on a fused cloud, or on the centres of Gaussians, is scored on the vertices of the
benchmark's mesh.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Instances3D, PointCloud


@stage("lift.transfer")
class Transfer(Stage):
    """Gives each point of a target cloud the objects that most of its nearest points have."""

    class Config(StageConfig):
        """Settings of `lift.transfer`."""

        neighbours: int = Field(
            3, ge=1, le=32, description="Points of the source that each target point asks. Ours."
        )
        max_distance: float = Field(
            0.1, gt=0, description="Points farther away are not asked, metres. Ours."
        )

    class Outputs(NamedTuple):
        """The same objects, row by row, as points of the target."""

        instances: Batch[Instances3D]

    def run(
        self,
        cloud: Batch[PointCloud],
        instances: Batch[Instances3D],
        target: Batch[PointCloud],
    ) -> Outputs:
        """Carries every scene's objects over."""
        columns = zip(cloud, instances, target, strict=True)
        return self.Outputs([self._carry(*one) for one in columns])

    def _carry(self, cloud: PointCloud, instances: Instances3D, target: PointCloud) -> Instances3D:
        import torch

        if torch.equal(cloud.positions, target.positions):
            return instances
        near = scenes.surface.nearest(
            cloud.positions, target.positions, self.config.neighbours, self.config.max_distance
        )
        return replace(
            scenes.point_sets.carried(instances, near, len(target)),
            phrases=instances.phrases,
            evidence=instances.evidence,
        )
