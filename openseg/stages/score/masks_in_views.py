"""How well each object of a scene fits each phrase: its drawn mask against 2D masks, view by view.

Wiedmann, Wiehe and Rozenberszki, "DCSEG", OpenSUN3D 2025, arXiv:2412.10972: objects and masks of a
view are matched one to one by overlap, and the views vote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import (
    Frames,
    Instances3D,
    PointCloud,
    Similarity,
    TextQuery,
    ViewMasks,
    ViewRegions,
)

if TYPE_CHECKING:
    from torch import Tensor


@stage("score.masks_in_views")
class MasksInViews(Stage):
    """Draws objects as Gaussians, one a point, and lets matched masks of phrases vote for them."""

    class Config(StageConfig):
        """Settings of `score.masks_in_views`."""

        scale: float = Field(
            0.6, gt=0, description="As in `propose.gaussian_groups`, in distances to neighbours."
        )
        opacity: float = Field(0.95, gt=0, le=1, description="As in `propose.gaussian_groups`.")
        longest_side: int = Field(
            160, ge=8, description="Pixels of a rendered view's longer side. Ours."
        )
        min_iou: float = Field(
            0.05, gt=0, le=1, description="Pairs that overlap less are never matched. DCSEG."
        )
        min_pixels: int = Field(
            10,
            ge=1,
            description="Objects of which a view shows fewer pixels are not asked about there. "
            "Ours, of the rendered view; DCSEG drops parts of fewer than 1,000 of the whole one.",
        )

    class Outputs(NamedTuple):
        """Objects by phrases: the mean over the views that show an object of overlap times score.

        Phrases of one class share its votes.
        """

        similarity: Batch[Similarity]

    def run(
        self,
        frames: Batch[Frames],
        cloud: Batch[PointCloud],
        instances: Batch[Instances3D],
        regions: Batch[ViewRegions],
        masks: Batch[ViewMasks],
        query: Batch[TextQuery],
    ) -> Outputs:
        """Scores every scene's objects."""
        columns = zip(frames, cloud, instances, regions, masks, query, strict=True)
        return self.Outputs([Similarity(self._votes(*one)) for one in columns])

    def _votes(
        self,
        frames: Frames,
        cloud: PointCloud,
        instances: Instances3D,
        regions: ViewRegions,
        masks: ViewMasks,
        query: TextQuery,
    ) -> Tensor:
        import torch

        classes = [phrase.class_id for phrase in query.phrases]
        votes = torch.zeros(len(instances), 1 + max(classes), device=regions.scores.device)
        shown = votes.new_zeros(len(instances))
        named = regions.phrases.items if regions.phrases is not None else ()
        found = regions.views.new_tensor([phrase.class_id for phrase in named])
        config = self.config
        gaussians = scenes.splatting.of_points(cloud.positions, config.scale, config.opacity)
        splatter = scenes.gpu_splatting.best(cloud.positions.device)
        for frame in frames if len(instances) and len(found) else []:
            camera = scenes.splatting.reduced(frame.camera, config.longest_side)
            drawn = scenes.splatting.shares(splatter.view(gaussians, camera), instances) > 0.5
            seen = drawn.sum(dim=0) >= config.min_pixels
            shown += seen
            rows = regions.of_view(frame.row)
            asked = scenes.contrast.at_size(masks, rows, frame.camera.size, camera.size)
            overlap = _ious(drawn, asked.flatten(1)) * seen[:, None]
            objects, matched = _matched(overlap, config.min_iou)
            there = matched + rows.start
            weight = overlap[objects, matched] * regions.scores[there]
            votes.index_put_((objects, found[there]), weight, accumulate=True)
        return (votes / shown.clamp(min=1)[:, None])[:, classes]


def _ious(drawn: Tensor, asked: Tensor) -> Tensor:
    """Overlap of objects bool `[p, k]` with masks bool `[r, p]`; float32 `[k, r]`."""
    one, other = drawn.T.float(), asked.float()
    both = one @ other.T
    union = one.sum(dim=1)[:, None] + other.sum(dim=1) - both
    found: Tensor = both / union.clamp(min=1)
    return found


def _matched(overlap: Tensor, least: float) -> tuple[Tensor, Tensor]:
    """Rows and columns of the matching with the most pairs and, of these, the most overlap."""
    import networkx

    graph = networkx.Graph()
    k = len(overlap)
    rows, columns = (overlap >= least).nonzero(as_tuple=True)
    weights = overlap[rows, columns].tolist()
    ends = zip(rows.tolist(), columns.tolist(), weights, strict=True)
    graph.add_weighted_edges_from((row, k + column, weight) for row, column, weight in ends)
    pairs = networkx.max_weight_matching(graph, maxcardinality=True)
    ordered = sorted((min(pair), max(pair) - k) for pair in pairs)
    index = rows.new_tensor(ordered).reshape(-1, 2)
    return index[:, 0], index[:, 1]
