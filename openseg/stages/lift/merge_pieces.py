"""Objects from the pieces that views saw of them: pieces are joined where the views agree.

Lu et al., "OVIR-3D", CoRL 2023, arXiv:2311.02873 (fusing 2D instances of words); Yan et al.,
"MaskClustering", CVPR 2024, arXiv:2401.07745 (consensus of views). The linkage is ours.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Frames, Instances3D, PointCloud

if TYPE_CHECKING:
    from torch import Tensor


@stage("lift.merge_pieces")
class MergePieces(Stage):
    """Joins pieces of one phrase into objects and keeps the points most views agree on."""

    class Config(StageConfig):
        """Settings of `lift.merge_pieces`."""

        tolerance: float = Field(
            0.05, gt=0, description="As in `lift.pieces`, metres. Source: Open-YOLO 3D."
        )
        min_agreement: float = Field(
            0.4,
            gt=0,
            le=1,
            description="Groups of pieces are joined while, of the points both sides' cameras see, "
            "at least this share lies in both. Ours.",
        )
        min_share: float = Field(
            0.5,
            ge=0,
            le=1,
            description="A point stays if this share of the object's views that see it have it in "
            "their mask. Ours: most.",
        )
        across_phrases: bool = Field(
            False,
            description="True: pieces found for different phrases may be of one object, which gets "
            "the phrase with the highest sum of scores. False: each phrase has its own objects.",
        )
        min_views: int = Field(
            1, ge=1, description="Objects found in fewer views are dropped. Ours: 1 keeps all."
        )
        well_seen: float = Field(
            0.3,
            ge=0,
            le=1,
            description="Views that see this share of an object should have found it: those that "
            "did not lower its score. Ours.",
        )
        min_points: int = Field(10, ge=1, description="Smaller objects are dropped. Ours.")
        nms_iou: float = Field(
            0.5, ge=0, le=1, description="Overlap above which the weaker object is dropped. Ours."
        )

    class Outputs(NamedTuple):
        """Objects, best first; the evidence of each lists its pieces."""

        instances: Batch[Instances3D]

    def run(
        self, frames: Batch[Frames], cloud: Batch[PointCloud], pieces: Batch[Instances3D]
    ) -> Outputs:
        """Merges the pieces of every scene."""
        columns = zip(frames, cloud, pieces, strict=True)
        return self.Outputs([self._merge(*one) for one in columns])

    def _merge(self, frames: Frames, cloud: PointCloud, pieces: Instances3D) -> Instances3D:
        import torch

        evidence = pieces.evidence
        if evidence is None or not len(pieces):
            return pieces
        views = evidence.views
        # Views without any piece are asked too: they may see an object and have missed it.
        looks = scenes.looking.looks(frames, cloud.positions, self.config.tolerance)
        seen = scenes.looking.Seen(looks, len(cloud), len(frames))
        classes = _classes(pieces)
        apart = torch.zeros_like(classes) if self.config.across_phrases else classes
        least = self.config.min_agreement
        groups = scenes.merging.group(pieces, seen.counts(pieces), views, apart, least)
        agreed = scenes.merging.agreement(pieces, groups, views, seen, int(groups.max()) + 1)
        phrases = pieces.phrases
        if phrases is not None:
            phrases = phrases.take(scenes.merging.strongest(groups, classes, pieces.scores))
        order = groups.argsort(stable=True)
        merged = replace(
            agreed.points(agreed.shares >= self.config.min_share),
            scores=self._scores(pieces, groups, agreed.visible),
            phrases=phrases,
            evidence=replace(
                evidence,
                instances=groups[order],
                views=views[order],
                boxes=evidence.boxes[order],
                regions=evidence.regions[order],
                weights=evidence.weights[order],
            ),
        )
        spread = torch.zeros_like(agreed.visible, dtype=torch.bool)
        spread[groups, views] = True
        good = (spread.sum(dim=1) >= self.config.min_views) & (
            merged.sizes >= self.config.min_points
        )
        merged = merged.take(good.nonzero()[:, 0].tolist())
        best = scenes.point_sets.nms(merged, _classes(merged), self.config.nms_iou)
        return merged.take(best.tolist())

    def _scores(self, pieces: Instances3D, groups: Tensor, visible: Tensor) -> Tensor:
        """Mean score of a group's pieces over the views that should have found it."""
        import torch

        k = len(visible)
        total = torch.zeros(k, device=visible.device).index_add_(0, groups, pieces.scores)
        found = torch.bincount(groups, minlength=k)
        size = visible.amax(dim=1, keepdim=True).clamp(min=1)
        expected = (visible >= self.config.well_seen * size).sum(dim=1)
        return total / torch.maximum(found, expected)


def _classes(some: Instances3D) -> Tensor:
    """The class of each object, int64 `[k]`; one for all where there are no phrases."""
    import torch

    if some.phrases is None:
        return torch.zeros_like(some.ends)
    ids = [phrase.class_id for phrase in some.phrases.items]
    return torch.tensor(ids, dtype=torch.int64, device=some.ends.device)
