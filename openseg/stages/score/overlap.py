"""How well each region is what was drawn: its overlap with what a segmenter made of the drawing.

Zou et al. (SEEM), NeurIPS 2023, arXiv:2304.06718, match visual prompts by the IoU of masks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.types import Masks, Phrases, Scores, Similarity, TextQuery

if TYPE_CHECKING:
    from torch import Tensor


@stage("score.overlap")
class Overlap(Stage):
    """Best IoU with any reading of the drawing, times the reading's quality; 0 without a drawing.

    A reading is one of several masks that may be meant, as a part and the whole.
    """

    class Outputs(NamedTuple):
        """Regions by phrases: the same for each phrase where readings have no words."""

        similarity: Batch[Similarity]

    def run(
        self,
        masks: Batch[Masks],
        readings: Batch[Masks],
        quality: Batch[Scores],
        query: Batch[TextQuery],
        phrases: Batch[Phrases] | None = None,
    ) -> Outputs:
        """Compares on every sample.

        Args:
            masks: The regions.
            readings: What they are compared with.
            quality: How good each reading is.
            query: The phrases to score for.
            phrases: The phrase of each reading, if readings have words: it counts for the phrases
                of that class alone.
        """
        found = []
        words: Sequence[Phrases | None] = phrases or [None] * len(masks)
        columns = zip(masks, readings, quality, query, words, strict=True)
        for regions, some, rated, asked, said in columns:
            fit = ops.masks.iou(regions.data, some.data) * rated.values
            means = _meant(some, asked, said)
            best = (fit[:, :, None] * means).amax(dim=1) if len(some) else fit @ means
            found.append(Similarity(best))
        return self.Outputs(found)


def _meant(readings: Masks, query: TextQuery, said: Phrases | None) -> Tensor:
    """Which readings count for which phrases, 0 or 1, `[k, p]`."""
    if said is None:
        return readings.data.new_ones(len(readings), len(query.phrases)).float()
    asked = [phrase.class_id for phrase in query.phrases]
    rows = [[float(one.class_id == label) for label in asked] for one in said.items]
    return readings.data.new_tensor(rows).float().reshape(len(readings), len(asked))
