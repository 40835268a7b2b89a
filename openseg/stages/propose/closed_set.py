"""Masks of a segmenter that knows a closed set of classes, with what it takes each of them for.

Cheng et al., "Masked-attention Mask Transformer for Universal Image Segmentation", CVPR 2022,
arXiv:2112.01527.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.tasks.proposals import MaskProposals, MaskProposer
from openseg.stages.propose._known import known_query
from openseg.types import Image, Masks, Scores, Similarity, TextQuery


@stage("propose.closed_set")
class ClosedSet(Stage):
    """Proposes masks, best first, and says what words the proposer knows."""

    class Config(StageConfig):
        """Settings of `propose.closed_set`."""

        min_quality: float = Field(
            0.0,
            ge=0,
            le=1,
            description="Masks of lower quality are dropped. Source: FC-CLIP and FrozenSeg, "
            "OBJECT_MASK_THRESHOLD 0.0.",
        )

    class Outputs(NamedTuple):
        """Masks; the chance to be an object times that of its pixels; chances among the known."""

        masks: Batch[Masks]
        quality: Batch[Scores]
        classes: Batch[Similarity]
        known: Batch[TextQuery]

    def __init__(self, config: Config, proposer: MaskProposer) -> None:
        super().__init__(config)
        self.proposer = proposer

    def run(self, image: Batch[Image]) -> Outputs:
        """Proposes masks on every image; a row of `classes` sums to 1."""
        known = known_query(self.proposer.class_names)
        outputs = self.Outputs([], [], [], [])
        for found in self.proposer.propose(image):
            masks, quality, classes = self._ranked(found)
            outputs.masks.append(masks)
            outputs.quality.append(quality)
            outputs.classes.append(classes)
            outputs.known.append(known)
        return outputs

    def _ranked(self, found: MaskProposals) -> tuple[Masks, Scores, Similarity]:
        thing = found.classes.sum(dim=1)
        quality, rows = (thing * found.sureness).sort(descending=True, stable=True)
        keep = quality >= self.config.min_quality
        quality, rows = quality[keep], rows[keep]
        chances = found.classes[rows] / thing[rows, None].clamp(min=1e-12)
        return Masks(found.masks[rows]), Scores(quality), Similarity(chances)
