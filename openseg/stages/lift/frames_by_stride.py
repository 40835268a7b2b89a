"""Every so many frames of a recording, and no more than a number of them."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Frames


@stage("lift.frames_by_stride")
class FramesByStride(Stage):
    """Keeps every n-th frame, counted from the first."""

    class Config(StageConfig):
        """Settings of `lift.frames_by_stride`."""

        stride: int = Field(
            10, ge=1, description="Every so many frames. Source: Open-YOLO 3D, ScanNet200: 10."
        )
        min_frames: int = Field(
            40, ge=1, description="The stride shrinks until so many are kept, if there are. Ours."
        )
        max_frames: int = Field(
            400, ge=1, description="The stride grows until no more frames are kept. Ours."
        )

    class Outputs(NamedTuple):
        """The frames kept."""

        frames: Batch[Frames]

    def run(self, frames: Batch[Frames]) -> Outputs:
        """Chooses in every scene."""
        kept = []
        for one in frames:
            stride = max(1, min(self.config.stride, len(one) // self.config.min_frames))
            stride = max(stride, -(-len(one) // self.config.max_frames))
            kept.append(one.take(list(range(0, len(one), stride))))
        return self.Outputs(kept)
