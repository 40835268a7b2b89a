"""What each object is, by a vote of 2D boxes alone: no mask is ever predicted.

Boudjoghra et al., "Open-YOLO 3D: Towards Fast and Accurate Open-Vocabulary 3D Instance
Segmentation", ICLR 2025, arXiv:2406.02548 (label maps, multi-view prompt distribution).
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import (
    Frames,
    Instances3D,
    InstanceViews,
    PointCloud,
    Scores,
    Similarity,
    TextQuery,
    ViewRegions,
)


@stage("lift.vote_boxes")
class VoteBoxes(Stage):
    """Lets the views that show most of an object say which boxes its points fall into."""

    class Config(StageConfig):
        """Settings of `lift.vote_boxes`."""

        tolerance: float = Field(
            0.05, gt=0, description="As in `lift.visibility`, metres. Source: Open-YOLO 3D."
        )
        top_views: int = Field(
            40, ge=1, description="Views asked about an object. Source: Open-YOLO 3D, topk."
        )
        min_points: int = Field(
            10,
            ge=0,
            description="Views that show no more points say nothing of how a box fits. "
            "Source: Open-YOLO 3D.",
        )

    class Outputs(NamedTuple):
        """The share of each object's visible points in boxes of each phrase, and how boxes fit."""

        similarity: Batch[Similarity]
        fit: Batch[Scores]

    def run(
        self,
        frames: Batch[Frames],
        cloud: Batch[PointCloud],
        instances: Batch[Instances3D],
        views: Batch[InstanceViews],
        regions: Batch[ViewRegions],
        query: Batch[TextQuery],
    ) -> Outputs:
        """Votes in every scene."""
        columns = zip(frames, cloud, instances, views, regions, query, strict=True)
        votes = [(self._vote(*one), one[-1]) for one in columns]
        similarity = []
        for found, asked in votes:
            share = found.counts / found.seen.clamp(min=1)[:, None]
            # Phrases of one class share its votes.
            similarity.append(Similarity(share[:, [phrase.class_id for phrase in asked.phrases]]))
        return self.Outputs(similarity, [Scores(found.fit) for found, _ in votes])

    def _vote(
        self,
        frames: Frames,
        cloud: PointCloud,
        instances: Instances3D,
        views: InstanceViews,
        regions: ViewRegions,
        query: TextQuery,
    ) -> scenes.voting.Votes:
        classes = 1 + max(phrase.class_id for phrase in query.phrases)
        chosen = scenes.voting.best_views(views, self.config.top_views)
        rows = chosen.any(dim=0).nonzero()[:, 0].tolist()
        labels = scenes.voting.by_view(regions)
        looks = scenes.looking.looks(frames, cloud.positions, self.config.tolerance, rows)
        return scenes.voting.vote(
            looks, instances, chosen, labels, classes, views.boxes, self.config.min_points
        )
