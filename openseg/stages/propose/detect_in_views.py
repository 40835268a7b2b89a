"""Boxes for words in every view of a scene: `propose.detect`, picture after picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.models.protocols import TextDetector
from openseg.stages.propose.detect import Detect
from openseg.types import Frames, Phrase, Phrases, TextQuery, ViewRegions

if TYPE_CHECKING:
    from torch import Tensor


@stage("propose.detect_in_views")
class DetectInViews(Stage):
    """Detects the phrases of the query in the colour picture of every frame."""

    class Config(Detect.Config):
        """Settings of `propose.detect_in_views`: those of `propose.detect` and more."""

        views_at_once: int = Field(
            8, ge=1, description="Pictures that are in memory and detected together. Ours."
        )
        max_share: float = Field(
            1.0,
            gt=0,
            le=1,
            description="Boxes both wider and higher than this share of the picture are dropped; "
            "1 keeps all. Open-YOLO 3D drops those within 50 pixels of its whole picture.",
        )

    class Outputs(NamedTuple):
        """Boxes of all views, view by view, best first."""

        regions: Batch[ViewRegions]

    def __init__(self, config: Config, detector: TextDetector) -> None:
        super().__init__(config)
        names = Detect.Config.model_fields
        self.detect = Detect(
            Detect.Config(**{name: getattr(config, name) for name in names}), detector
        )

    def run(self, frames: Batch[Frames], query: Batch[TextQuery]) -> Outputs:
        """Detects in every scene's views what its query asks for."""
        pairs = zip(frames, query, strict=True)
        return self.Outputs([self._detect(views, asked) for views, asked in pairs])

    def _detect(self, frames: Frames, query: TextQuery) -> ViewRegions:
        import torch

        views = [frames.poses.new_zeros(0, dtype=torch.int64)]
        boxes, scores = [frames.poses.new_zeros(0, 4)], [frames.poses.new_zeros(0)]
        phrases: list[Phrase] = []
        for start in range(0, len(frames), self.config.views_at_once):
            rows = range(start, min(start + self.config.views_at_once, len(frames)))
            pictures = [frames[row].image() for row in rows]
            found = self.detect.run(pictures, [query] * len(pictures))
            columns = zip(rows, pictures, found.boxes, found.scores, found.phrases, strict=True)
            for row, picture, of_boxes, of_scores, of_phrases in columns:
                keep = self._kept(of_boxes.xyxy, picture.size)
                boxes.append(of_boxes.xyxy[keep])
                scores.append(of_scores.values[keep])
                phrases += of_phrases.take(keep.tolist()).items
                views.append(torch.full_like(keep, row))
        return ViewRegions(
            torch.cat(views), torch.cat(boxes), torch.cat(scores), Phrases(tuple(phrases))
        )

    def _kept(self, boxes: Tensor, size: tuple[int, int]) -> Tensor:
        """Rows of boxes that do not fill the picture."""
        width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(dim=1)
        limit = self.config.max_share
        fills: Tensor = (width > limit * size[1]) & (height > limit * size[0])
        return (~fills).nonzero()[:, 0]
