"""Each region takes the class that it fits best: instances, labelled one by one.

With templates as phrases this is the matching of Nguyen et al. (CNOS), ICCV workshops 2023,
arXiv:2307.11067, and Lu et al. (NIDS-Net), 2024, arXiv:2405.17859, on BOP's data.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Masks, Phrases, Rows, Scores, Similarity, TextQuery


@stage("select.per_region")
class SelectPerRegion(Stage):
    """Labels regions, best first; the weaker of two that overlap in one class is dropped.

    The score of a class is that of its best phrase; a label is the first phrase of its class.
    """

    class Config(StageConfig):
        """Settings of `select.per_region`."""

        min_score: float = Field(
            0.01,
            ge=-1,
            le=1,
            description="Regions whose best class scores lower are dropped. "
            "Source: NIDS-Net, confidence_thresh 0.01.",
        )
        nms_iou: float = Field(
            0.25,
            ge=0,
            le=1,
            description="Overlap of the masks' boxes above which the weaker of one class is "
            "dropped; 1 drops none. Source: NIDS-Net, nms_thresh 0.25.",
        )

    class Outputs(NamedTuple):
        """The regions kept, best first."""

        masks: Batch[Masks]
        scores: Batch[Scores]
        phrases: Batch[Phrases]
        rows: Batch[Rows]

    def run(
        self, masks: Batch[Masks], similarity: Batch[Similarity], query: Batch[TextQuery]
    ) -> Outputs:
        """Labels the regions of every sample."""
        outputs = self.Outputs([], [], [], [])
        for regions, fit, asked in zip(masks, similarity, query, strict=True):
            best, label = ops.classes.per_class(fit.values, asked.phrases).max(dim=1)
            good = (best >= self.config.min_score).nonzero()[:, 0]
            boxes = ops.masks.boxes_from_masks(regions.data[good])
            rows = good[ops.boxes.nms(boxes, best[good], label[good], self.config.nms_iou)]
            names = ops.classes.class_phrases(asked.phrases)
            outputs.masks.append(Masks(regions.data[rows]))
            outputs.scores.append(Scores(best[rows]))
            outputs.phrases.append(Phrases(tuple(names[i] for i in label[rows].tolist())))
            outputs.rows.append(Rows(rows))
        return outputs
