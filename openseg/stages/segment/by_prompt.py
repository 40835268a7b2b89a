"""Masks for geometric prompts: one mask for every box, set of points, or box with points.

Kirillov et al., "Segment Anything", ICCV 2023, arXiv:2304.02643.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import MaskLogits, Prompts, PromptSegmenter
from openseg.types import Boxes, Image, Masks, Points, Scores


@stage("segment.by_prompt")
class SegmentByPrompt(Stage):
    """Asks a promptable segmenter for the mask of each prompt; rows stay aligned with the prompts.

    With both `boxes` and `points` connected, row i of each belongs to the same region.
    """

    needs_one_of = (("boxes", "points"),)

    class Config(StageConfig):
        """Settings of `segment.by_prompt`."""

        candidates: bool = Field(
            False,
            description="True: predict several masks a prompt and keep the one the model rates "
            "best, as SAM advises for a single point. False: the single mask, as SAM advises for "
            "boxes. Source: SAM predictor, multimask_output.",
        )

    class Outputs(NamedTuple):
        """Masks with the model's own estimate of their IoU, aligned with the prompts."""

        masks: Batch[Masks]
        quality: Batch[Scores]

    def __init__(self, config: Config, segmenter: PromptSegmenter) -> None:
        super().__init__(config)
        self.segmenter = segmenter

    def run(
        self,
        image: Batch[Image],
        boxes: Batch[Boxes] | None = None,
        points: Batch[Points] | None = None,
    ) -> Outputs:
        """Segments every image's prompts; images are encoded once, prompts decoded together."""
        prompts = [
            Prompts(
                boxes=boxes[i].xyxy if boxes is not None else None,
                points=points[i].xy if points is not None else None,
                point_labels=points[i].labels if points is not None else None,
            )
            for i in range(len(image))
        ]
        found = self.segmenter.segment(image, prompts, self.config.candidates)
        masks, quality = [], []
        for one, prediction in zip(image, found, strict=True):
            logits, best = _best(prediction)
            masks.append(Masks(self.segmenter.pixels(logits, one.size) > 0))
            quality.append(Scores(best))
        return self.Outputs(masks, quality)


def _best(prediction: MaskLogits) -> tuple:  # type: ignore[type-arg]
    """Logits `[n, lh, lw]` and quality `[n]` of each prompt's best-rated candidate."""
    quality, index = prediction.quality.max(dim=1)
    rows = index.new_tensor(range(len(index)))
    return prediction.logits[rows, index], quality
