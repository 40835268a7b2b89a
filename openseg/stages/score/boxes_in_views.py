"""How well each object of a scene fits each phrase: by the 2D boxes around it, view by view.

Where Open-YOLO 3D (arXiv:2406.02548) counts the points that fall into boxes, this looks at how
tightly boxes fit around the object's visible points: a large box over a small object says little.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Instances3D, InstanceViews, Similarity, TextQuery, ViewRegions

if TYPE_CHECKING:
    from torch import Tensor


@stage("score.boxes_in_views")
class BoxesInViews(Stage):
    """Scores objects by boxes; with `instances` connected, times each object's own score."""

    class Config(StageConfig):
        """Settings of `score.boxes_in_views`."""

        top_views: int = Field(
            40, ge=1, description="Views asked about an object. Source: Open-YOLO 3D, topk."
        )
        power: float = Field(
            2.0,
            gt=0,
            description="How much a bad fit is held against a box: its overlap to this power. "
            "Ours, on val rooms.",
        )

    class Outputs(NamedTuple):
        """Objects by phrases."""

        similarity: Batch[Similarity]

    def run(
        self,
        views: Batch[InstanceViews],
        regions: Batch[ViewRegions],
        query: Batch[TextQuery],
        instances: Batch[Instances3D] | None = None,
    ) -> Outputs:
        """Scores every scene's objects."""
        outputs = self.Outputs([])
        for i, one in enumerate(zip(views, regions, query, strict=True)):
            fits = self._fits(*one)
            if instances is not None:
                fits = fits * instances[i].scores[:, None]
            outputs.similarity.append(Similarity(fits))
        return outputs

    def _fits(self, views: InstanceViews, regions: ViewRegions, query: TextQuery) -> Tensor:
        labels = scenes.voting.by_view(regions)

        def scores(view: int) -> Tensor:
            rows = regions.of_view(view)
            return regions.scores[rows.start : rows.stop]

        classes = [phrase.class_id for phrase in query.phrases]
        config = self.config
        fits = scenes.voting.box_fits(
            views, labels, scores, 1 + max(classes), config.top_views, config.power
        )
        return fits[:, classes]
