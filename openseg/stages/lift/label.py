"""Names for objects: each object may be answered under several phrases, the best pairs are kept.

Boudjoghra et al., "Open-YOLO 3D", ICLR 2025, arXiv:2406.02548 (pairs of mask and class, as Mask3D
has them); with one pair an object it is the argmax of Takmaz et al., "OpenMask3D", NeurIPS 2023.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.ops import scenes
from openseg.types import Instances3D, Phrases, Rows, Scores, Similarity, TextQuery

if TYPE_CHECKING:
    from torch import Tensor


@stage("lift.label")
class Label(Stage):
    """Gives each object the phrases it fits best, with how well it fits as its score."""

    class Config(StageConfig):
        """Settings of `lift.label`."""

        per_object: int = Field(1, ge=1, description="The most phrases an object is answered for.")
        max_pairs: int = Field(
            600,
            ge=1,
            description="The most pairs of object and phrase kept, best first. "
            "Source: Open-YOLO 3D, topk_per_image for ScanNet200.",
        )
        min_score: float = Field(
            0.0,
            ge=-1,
            description="Pairs that score lower, and those of 0, are dropped. Ours.",
        )
        nms_iou: float = Field(
            1.0,
            ge=0,
            le=1,
            description="Overlap above which the weaker of two objects of one class is dropped; "
            "1 keeps all. Ours.",
        )

    class Outputs(NamedTuple):
        """Objects with phrases, best first, and which object each was."""

        instances: Batch[Instances3D]
        rows: Batch[Rows]

    def run(
        self,
        instances: Batch[Instances3D],
        similarity: Batch[Similarity],
        query: Batch[TextQuery],
        fit: Batch[Scores] | None = None,
    ) -> Outputs:
        """Labels every scene's objects.

        With `fit` connected a pair's score is multiplied by its object's.
        """
        outputs = self.Outputs([], [])
        for i, (objects, fits, asked) in enumerate(zip(instances, similarity, query, strict=True)):
            strength = fits.values if fit is None else fits.values * fit[i].values[:, None]
            labelled, rows = self._label(objects, strength, asked)
            outputs.instances.append(labelled)
            outputs.rows.append(Rows(rows))
        return outputs

    def _label(
        self, objects: Instances3D, strength: Tensor, asked: TextQuery
    ) -> tuple[Instances3D, Tensor]:
        top = min(self.config.per_object, strength.shape[1])
        values, columns = strength.sort(dim=1, descending=True, stable=True)
        values, columns = values[:, :top].reshape(-1), columns[:, :top].reshape(-1)
        order = values.argsort(descending=True, stable=True)
        order = order[(values[order] >= self.config.min_score) & (values[order] != 0)]
        order = order[: self.config.max_pairs]
        rows, phrases = order // max(top, 1), [asked.phrases[i] for i in columns[order].tolist()]
        found = replace(
            objects.take(rows.tolist()), scores=values[order], phrases=Phrases(tuple(phrases))
        )
        if self.config.nms_iou < 1:
            classes = rows.new_tensor([phrase.class_id for phrase in phrases])
            kept = scenes.point_sets.nms(found, classes, self.config.nms_iou)
            found, rows = found.take(kept.tolist()), rows[kept]
        return found, rows
