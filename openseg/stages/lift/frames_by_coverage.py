"""The few frames that together show all of the scene.

Greedy maximum coverage, as in Minoux, "Accelerated greedy algorithms for maximizing submodular set
functions", 1978; the choice is within 1 - 1/e of the best one.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Frames, PointCloud


@stage("lift.frames_by_coverage")
class FramesByCoverage(Stage):
    """Keeps frames until each point of the cloud was seen a few times, or enough are kept."""

    class Config(StageConfig):
        """Settings of `lift.frames_by_coverage`."""

        max_frames: int = Field(40, ge=1, description="The most frames kept. Ours.")
        views: int = Field(3, ge=1, description="How often each point should be seen. Ours.")
        tolerance: float = Field(
            0.05, gt=0, description="As in `lift.visibility`, metres. Source: Open-YOLO 3D."
        )
        points: int = Field(
            20_000, ge=1, description="Points of the cloud, evenly taken, that must be seen. Ours."
        )

    class Outputs(NamedTuple):
        """The frames kept, in the order in which they were taken."""

        frames: Batch[Frames]

    def run(self, frames: Batch[Frames], cloud: Batch[PointCloud]) -> Outputs:
        """Chooses in every scene."""
        kept = []
        for one, points in zip(frames, cloud, strict=True):
            step = max(1, len(points) // self.config.points)
            rows = scenes.frame_choice.by_coverage(
                one,
                points.positions[::step],
                self.config.tolerance,
                self.config.max_frames,
                self.config.views,
            )
            kept.append(one.take(rows))
        return self.Outputs(kept)
