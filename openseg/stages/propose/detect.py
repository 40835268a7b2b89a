"""Boxes for words: an open-vocabulary detector asked for every phrase of the query.

Liu et al., "Grounding DINO", 2023, arXiv:2303.05499; as used by Ren et al., "Grounded SAM", 2024,
arXiv:2401.14159 (threshold, then non-maximum suppression).
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import TextDetector
from openseg.types import Boxes, Image, Phrases, Scores, TextQuery


@stage("propose.detect")
class Detect(Stage):
    """Detects the phrases of the query; a box is labelled with the phrase it fits best."""

    class Config(StageConfig):
        """Settings of `propose.detect`."""

        box_threshold: float = Field(
            0.25,
            ge=0,
            le=1,
            description="Boxes whose best phrase scores lower are dropped. "
            "Source: Grounded-SAM demo, BOX_THRESHOLD 0.25.",
        )
        nms_iou: float = Field(
            0.8,
            ge=0,
            le=1,
            description="Overlap above which the weaker of two boxes of one phrase is dropped. "
            "Source: Grounded-SAM demo, NMS_THRESHOLD 0.8.",
        )
        rival_share: float = Field(
            1.0,
            ge=0,
            le=1,
            description="A box is a region for further phrases too, if they score more than this "
            "share of its best one; 1 keeps the best alone, as Grounded SAM does.",
        )
        max_boxes: int = Field(
            100, ge=1, description="The most boxes kept per image, best first. Ours."
        )

    class Outputs(NamedTuple):
        """Regions found, best first."""

        boxes: Batch[Boxes]
        scores: Batch[Scores]
        phrases: Batch[Phrases]

    def __init__(self, config: Config, detector: TextDetector) -> None:
        super().__init__(config)
        self.detector = detector

    def run(self, image: Batch[Image], query: Batch[TextQuery]) -> Outputs:
        """Detects on every image what its query asks for."""
        asked = [[phrase.text for phrase in one.phrases] for one in query]
        found = self.detector.detect(image, asked, self.config.box_threshold)
        boxes, scores, phrases = [], [], []
        for one, detections in zip(query, found, strict=True):
            best, label = detections.scores.max(dim=1, keepdim=True)
            chosen = detections.scores > self.config.rival_share * best
            chosen.scatter_(1, label, True)
            chosen &= detections.scores >= self.config.box_threshold
            rows, labels = chosen.nonzero(as_tuple=True)
            strength = detections.scores[rows, labels]
            kept = ops.boxes.nms(detections.boxes[rows], strength, labels, self.config.nms_iou)
            kept = kept[: self.config.max_boxes]
            boxes.append(Boxes(detections.boxes[rows[kept]]))
            scores.append(Scores(strength[kept]))
            phrases.append(Phrases(tuple(one.phrases[i] for i in labels[kept].tolist())))
        return self.Outputs(boxes, scores, phrases)
