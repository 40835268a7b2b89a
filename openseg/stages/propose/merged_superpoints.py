"""Objects of any kind from geometry and colour alone: neighbouring superpoints, joined stepwise.

Uijlings et al., "Selective Search for Object Recognition", IJCV 2013, carried to point clouds: what
stands at any step is a candidate, and several ways of joining give more of them. No training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Instances3D, PointCloud, Superpoints

if TYPE_CHECKING:
    from torch import Tensor


@stage("propose.merged_superpoints")
class MergedSuperpoints(Stage):
    """Proposes groups of superpoints; walls, floor and ceiling are never joined to anything."""

    class Config(StageConfig):
        """Settings of `propose.merged_superpoints`."""

        color_weights: tuple[float, ...] = Field(
            (0.5, 3.0),
            min_length=1,
            description="One way of joining each: how much colour counts beside bends. Ours.",
        )
        size_powers: tuple[float, ...] = Field(
            (0.0, 0.5),
            min_length=1,
            description="And with each of these: how much sooner small groups are joined. "
            "Selective search has size as one of its measures; the numbers are ours.",
        )
        min_points: int = Field(
            50, ge=1, description="Smaller groups are dropped. Ours; ScanNet scores from 100 on."
        )
        max_extent: float = Field(
            3.0, gt=0, description="Groups longer than this are dropped, metres. Ours."
        )
        wall_area: float = Field(
            1.0,
            gt=0,
            description="Flat superpoints with nothing behind them and at least this large are "
            "walls, square metres. Ours.",
        )
        wall_tolerance: float = Field(
            0.03, gt=0, description="How flat they are, metres. Ours: noise of depth cameras."
        )
        nms_iou: float = Field(
            0.4, ge=0, le=1, description="Overlap above which the smaller of two is dropped. Ours."
        )
        max_proposals: int = Field(
            2000,
            ge=1,
            description="The most groups kept, the largest ones: size told objects from their "
            "parts best on val rooms. Ours.",
        )

    class Outputs(NamedTuple):
        """Candidates that overlap each other, the largest first; the score tells how large."""

        instances: Batch[Instances3D]

    def run(self, cloud: Batch[PointCloud], superpoints: Batch[Superpoints]) -> Outputs:
        """Proposes in every scene."""
        pairs = zip(cloud, superpoints, strict=True)
        return self.Outputs([self._propose(points, pieces) for points, pieces in pairs])

    def _propose(self, cloud: PointCloud, pieces: Superpoints) -> Instances3D:
        import torch

        config, positions, piece = self.config, cloud.positions, pieces.piece
        areas = scenes.surface.areas(positions, piece, pieces.count)
        walls = scenes.surface.enclosing(
            positions, pieces.normals, piece, areas, config.wall_area, config.wall_tolerance
        )
        free = ~walls[piece[pieces.neighbours]].any(dim=1)
        pairs = pieces.neighbours[free]
        faced = torch.ones(len(cloud), dtype=torch.bool, device=positions.device)
        bends = scenes.surface.creases(positions, pieces.normals, faced, pairs)
        shades = scenes.surface.shades(cloud.colors, pairs)
        groups: list[list[int]] = []
        for weight in config.color_weights:
            touching = scenes.merge_tree.borders(
                piece.cpu().numpy(),
                pairs.cpu().numpy(),
                (bends + weight * shades).double().cpu().numpy(),
                pieces.count,
            )
            for power in config.size_powers:
                parents = scenes.merge_tree.grow(touching, areas.double().cpu().numpy(), power)
                groups += scenes.merge_tree.members(parents, pieces.count)
        return self._chosen(positions, pieces, groups)

    def _chosen(
        self, positions: Tensor, pieces: Superpoints, groups: list[list[int]]
    ) -> Instances3D:
        """Groups of sensible size, without repetitions."""
        import numpy as np
        import torch

        config = self.config
        boxes = scenes.surface.boxes(positions, pieces.piece, pieces.count).cpu().numpy()
        sizes = torch.bincount(pieces.piece, minlength=pieces.count).cpu().numpy()
        some, points = [], []
        for group in groups:
            extent = boxes[group, 3:].max(axis=0) - boxes[group, :3].min(axis=0)
            count = int(sizes[group].sum())
            if count >= config.min_points and extent.max() <= config.max_extent:
                some.append(group)
                points.append(count)
        scores = np.sqrt(np.array(points) / max(points, default=1))
        best = scenes.merge_tree.distinct(some, scores, sizes, config.nms_iou)
        best = best[: config.max_proposals]
        return scenes.point_sets.of_pieces(
            [some[row] for row in best], pieces, scores[best].tolist()
        )
