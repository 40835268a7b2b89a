"""Frames between which the camera has moved: a standing camera adds nothing.

After the frame down-sampling of Li et al., "Less is More: Reducing Task and Model Complexity for 3D
Point Cloud Semantic Segmentation", CVPR 2023, arXiv:2303.11203, which drops frames that overlap.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Frames


@stage("lift.frames_by_motion")
class FramesByMotion(Stage):
    """Keeps a frame when the camera has moved or turned since the last one kept."""

    class Config(StageConfig):
        """Settings of `lift.frames_by_motion`."""

        distance: float = Field(0.3, ge=0, description="Metres of movement. Ours.")
        angle: float = Field(15.0, ge=0, le=180, description="Degrees of turning. Ours.")
        max_frames: int = Field(
            400, ge=1, description="If more are left, evenly spread ones of them are kept. Ours."
        )

    class Outputs(NamedTuple):
        """The frames kept."""

        frames: Batch[Frames]

    def run(self, frames: Batch[Frames]) -> Outputs:
        """Chooses in every scene."""
        kept = []
        for one in frames:
            config = self.config
            rows = scenes.frame_choice.by_motion(one.poses, config.distance, config.angle)
            count = min(len(rows), config.max_frames)
            kept.append(one.take([rows[i * len(rows) // count] for i in range(count)]))
        return self.Outputs(kept)
