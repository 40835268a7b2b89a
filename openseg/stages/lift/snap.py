"""Objects with the borders of superpoints: a piece of surface belongs to an object as a whole.

As in Open3DIS, Nguyen et al., CVPR 2024, arXiv:2312.10671, where 2D masks vote for superpoints.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Instances3D, Superpoints


@stage("lift.snap")
class Snap(Stage):
    """Gives each object the superpoints that lie mostly in it, and takes the others from it."""

    class Config(StageConfig):
        """Settings of `lift.snap`."""

        min_share: float = Field(
            0.5, gt=0, le=1, description="Share of a superpoint's points that must be in. Ours."
        )
        min_kept: float = Field(
            0.5,
            ge=0,
            le=1,
            description="An object that would keep a smaller share of its points stays as it is: "
            "it is smaller than superpoints are. Ours.",
        )

    class Outputs(NamedTuple):
        """The same objects, row by row."""

        instances: Batch[Instances3D]

    def run(self, instances: Batch[Instances3D], superpoints: Batch[Superpoints]) -> Outputs:
        """Snaps every scene's objects."""
        pairs = zip(instances, superpoints, strict=True)
        return self.Outputs([self._snap(objects, pieces) for objects, pieces in pairs])

    def _snap(self, objects: Instances3D, pieces: Superpoints) -> Instances3D:
        import torch

        count = pieces.count
        sizes = torch.bincount(pieces.piece, minlength=count)
        owner, piece, held = scenes.point_sets.held(objects, pieces)
        taken = held >= self.config.min_share * sizes[piece]
        kept = torch.zeros_like(objects.ends).index_add_(0, owner, held * taken)
        whole = kept >= self.config.min_kept * objects.sizes
        taken &= whole[owner]
        many = torch.bincount(owner[taken], minlength=len(objects)).tolist()
        groups = [part.tolist() for part in torch.split(piece[taken], many)]
        snapped = scenes.point_sets.of_pieces(groups, pieces, objects.scores.tolist())
        as_was = ~whole[objects.owners]
        owners = torch.cat([snapped.owners, objects.owners[as_was]])
        points = torch.cat([snapped.points, objects.points[as_was]])
        made = scenes.point_sets.from_pairs(owners, points, objects.scores, objects.total)
        return replace(made, phrases=objects.phrases, evidence=objects.evidence)
