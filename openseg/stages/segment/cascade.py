"""Masks for point prompts in three looks: each next one is shown the mask that was found before.

Zhang et al., "Personalize Segment Anything Model with One Shot" (PerSAM), ICLR 2024,
arXiv:2305.03048, cascaded post-refinement; Tang et al., IPSeg, arXiv:2310.10912, do the same.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import Prompts, PromptSegmenter
from openseg.types import Image, Masks, Points, Scores

if TYPE_CHECKING:
    from torch import Tensor


@stage("segment.cascade")
class SegmentCascade(Stage):
    """Points give a mask; points and that mask the best of several; these and its box the last."""

    class Outputs(NamedTuple):
        """Masks with the model's own estimate of their IoU, aligned with the prompts."""

        masks: Batch[Masks]
        quality: Batch[Scores]

    def __init__(self, config: StageConfig, segmenter: PromptSegmenter) -> None:
        super().__init__(config)
        self.segmenter = segmenter

    def run(self, image: Batch[Image], points: Batch[Points]) -> Outputs:
        """Segments every image's prompts; images are encoded once."""
        prompts = [Prompts(points=one.xy, point_labels=one.labels) for one in points]
        first = self._best(image, prompts, candidates=False)
        prompts = _shown(prompts, first)
        second = self._best(image, prompts, candidates=True)
        prompts = [
            replace(one, boxes=self._boxes(logits, picture.size))
            for one, (logits, _), picture in zip(
                _shown(prompts, second), second, image, strict=True
            )
        ]
        third = self._best(image, prompts, candidates=True)
        return self.Outputs(
            [
                Masks(self.segmenter.pixels(logits, one.size) > 0)
                for (logits, _), one in zip(third, image, strict=True)
            ],
            [Scores(quality) for _, quality in third],
        )

    def _best(
        self, image: Batch[Image], prompts: list[Prompts], *, candidates: bool
    ) -> list[tuple[Tensor, Tensor]]:
        """For each image logits `[n, lh, lw]` and quality `[n]` of the best-rated candidates."""
        best = []
        for found in self.segmenter.segment(image, prompts, candidates):
            quality, index = found.quality.max(dim=1)
            best.append((found.logits[index.new_tensor(range(len(index))), index], quality))
        return best

    def _boxes(self, logits: Tensor, size: tuple[int, int]) -> Tensor:
        """Boxes around masks; all of the image where a mask is empty."""
        import torch

        masks = self.segmenter.pixels(logits, size) > 0
        boxes = ops.masks.boxes_from_masks(masks)
        whole = boxes.new_tensor([0, 0, size[1], size[0]])
        return torch.where(masks.flatten(1).any(dim=1)[:, None], boxes, whole)


def _shown(prompts: list[Prompts], found: list[tuple[Tensor, Tensor]]) -> list[Prompts]:
    """The prompts together with the masks found for them."""
    return [replace(one, logits=logits) for one, (logits, _) in zip(prompts, found, strict=True)]
