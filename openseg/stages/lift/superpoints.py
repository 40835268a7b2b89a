"""Small smooth pieces of a cloud, from geometry and colour alone.

Felzenszwalb and Huttenlocher, IJCV 2004, on the graph of neighbouring points, as ScanNet's
segmentator does on meshes; inward creases separate more than outward ones.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Frames, PointCloud, Superpoints


@stage("lift.superpoints")
class MakeSuperpoints(Stage):
    """Over-segments a cloud; frames, if connected, tell the two sides of its surface apart."""

    class Config(StageConfig):
        """Settings of `lift.superpoints`."""

        neighbours: int = Field(
            8, ge=3, le=64, description="Nearest points that a point is compared with. Ours."
        )
        scale: float = Field(
            0.01,
            gt=0,
            description="How rough a piece may be; larger values give larger pieces. "
            "Source: ScanNet, kThresh 0.01.",
        )
        color_weight: float = Field(
            1.0,
            ge=0,
            description="How much a change of colour counts beside a bend of the surface: black to "
            "white is like this many right angles. Ours.",
        )
        min_points: int = Field(
            8, ge=1, description="The least points of a piece. Ours; ScanNet has 20."
        )
        frames_used: int = Field(
            30, ge=1, description="Frames, evenly taken, that tell the sides apart. Ours."
        )
        tolerance: float = Field(
            0.05, gt=0, description="As in `lift.visibility`, metres. Source: Open-YOLO 3D."
        )

    class Outputs(NamedTuple):
        """The pieces of each scene."""

        superpoints: Batch[Superpoints]

    def run(self, cloud: Batch[PointCloud], frames: Batch[Frames] | None = None) -> Outputs:
        """Cuts every scene's cloud."""
        return self.Outputs(
            [
                self._cut(points, None if frames is None else frames[i])
                for i, points in enumerate(cloud)
            ]
        )

    def _cut(self, cloud: PointCloud, frames: Frames | None) -> Superpoints:
        import torch

        config, positions = self.config, cloud.positions
        pairs, normals = scenes.surface.neighbours_and_normals(positions, config.neighbours)
        faced = torch.zeros(len(cloud), dtype=torch.bool, device=positions.device)
        if cloud.normals is not None:
            normals, faced = cloud.normals, torch.ones_like(faced)
        elif frames is not None:
            rows = range(0, len(frames), -(-len(frames) // config.frames_used) or 1)
            looks = scenes.looking.looks(frames, positions, config.tolerance, rows)
            normals, faced = scenes.surface.facing(
                positions, normals, looks, frames.poses[:, :3, 3]
            )
        bends = scenes.surface.creases(positions, normals, faced, pairs)
        shades = scenes.surface.shades(cloud.colors, pairs)
        unlike = (bends + config.color_weight * shades).double()
        piece = scenes.superpoints.cut(
            unlike.cpu().numpy(),
            pairs.cpu().numpy(),
            len(cloud),
            config.scale,
            config.min_points,
        )
        found = torch.from_numpy(piece).to(positions.device)
        return Superpoints(found, int(piece.max(initial=-1)) + 1, normals, pairs)
