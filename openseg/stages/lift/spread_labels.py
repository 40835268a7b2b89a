"""A few labelled points grown to whole objects by 2D masks that agree with each other.

After weakly supervised 3D segmentation with 2D foundation models: labelled points become prompts in
the views, masks are carried back, and what is consistent over views becomes a pseudo-label.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Frames, Instances3D, PointCloud, Rows, Sightings

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.ops.scenes.merging import Agreement


@stage("lift.spread_labels")
class SpreadLabels(Stage):
    """Joins the pieces found for each labelled object; a point belongs to one object at most."""

    class Config(StageConfig):
        """Settings of `lift.spread_labels`."""

        tolerance: float = Field(
            0.05, gt=0, description="As in `lift.pieces`, metres. Source: Open-YOLO 3D."
        )
        min_share: float = Field(
            0.5,
            ge=0,
            le=1,
            description="A point is labelled if this share of the views that see it, among those "
            "asked about the object, have it in their mask. Ours: most.",
        )
        min_precision: float = Field(
            0.5,
            ge=0,
            le=1,
            description="Masks of which a smaller share agrees with the others are left out, and "
            "the rest is asked again. Ours: most.",
        )

    class Outputs(NamedTuple):
        """The labelled objects with what they grew to, scored by how far the views agree."""

        instances: Batch[Instances3D]

    def run(
        self,
        frames: Batch[Frames],
        cloud: Batch[PointCloud],
        labels: Batch[Instances3D],
        pieces: Batch[Instances3D],
        objects: Batch[Rows],
    ) -> Outputs:
        """Spreads every scene's labels; `objects` says whose each 2D region of `pieces` is."""
        columns = zip(frames, cloud, labels, pieces, objects, strict=True)
        return self.Outputs([self._spread(*one) for one in columns])

    def _spread(
        self,
        frames: Frames,
        cloud: PointCloud,
        labels: Instances3D,
        pieces: Instances3D,
        objects: Rows,
    ) -> Instances3D:
        import torch

        evidence = pieces.evidence
        if evidence is None or not len(pieces):
            return replace(labels, scores=torch.ones_like(labels.scores))
        owners, views = objects.index[evidence.regions], evidence.views
        looks = scenes.looking.looks(
            frames, cloud.positions, self.config.tolerance, sorted(set(views.tolist()))
        )
        seen = scenes.looking.Seen(looks, len(cloud), len(frames))
        count = len(labels)
        kept = self._consistent(
            pieces, owners, scenes.merging.agreement(pieces, owners, views, seen, count)
        )
        agreed = scenes.merging.agreement(
            pieces.take(kept.tolist()), owners[kept], views[kept], seen, count
        )
        sure = agreed.shares >= self.config.min_share
        best = torch.zeros(len(cloud), device=views.device)
        best.scatter_reduce_(0, agreed.whole.points, agreed.shares, "amax")
        sure &= agreed.shares >= best[agreed.whole.points]
        taken = torch.full((len(cloud),), len(labels), dtype=torch.int64, device=views.device)
        taken.scatter_reduce_(0, agreed.whole.points[sure], agreed.whole.owners[sure], "amin")
        taken[labels.points] = labels.owners  # what was labelled by hand stays
        points = (taken < len(labels)).nonzero()[:, 0]
        total = torch.zeros(len(labels), device=views.device)
        total.index_add_(0, agreed.whole.owners[sure], agreed.shares[sure])
        counts = torch.bincount(agreed.whole.owners[sure], minlength=len(labels))
        made = scenes.point_sets.from_pairs(
            taken[points], points, total / counts.clamp(min=1), len(cloud)
        )
        order = owners[kept].argsort(stable=True)
        spoken = kept[order]
        return replace(
            made,
            phrases=labels.phrases,
            evidence=Sightings(
                owners[spoken],
                views[spoken],
                evidence.boxes[spoken],
                evidence.regions[spoken],
                evidence.weights[spoken],
                evidence.names,
            ),
        )

    def _consistent(self, pieces: Instances3D, owners: Tensor, agreed: Agreement) -> Tensor:
        """Rows of the pieces most of which agrees with the other pieces of their object."""
        import torch

        whole = agreed.whole
        keys = whole.owners * whole.total + whole.points
        places = torch.searchsorted(keys, owners[pieces.owners] * pieces.total + pieces.points)
        sure = (agreed.shares >= self.config.min_share)[places].float()
        share = torch.zeros(len(pieces), device=owners.device).index_add_(0, pieces.owners, sure)
        consistent: Tensor = share >= self.config.min_precision * pieces.sizes
        return consistent.nonzero()[:, 0]
