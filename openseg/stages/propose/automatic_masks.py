"""Masks of everything in the image: a segmenter prompted with a regular grid of points.

Kirillov et al., "Segment Anything", ICCV 2023, arXiv:2304.02643, section "Automatic mask
generation": rate, keep confident and stable masks, drop near-duplicates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import Prompts, PromptSegmenter
from openseg.types import Boxes, Image, Masks, Scores

if TYPE_CHECKING:
    from torch import Tensor


GROWN = 8
"""Masks that are held at the image's size at once while they are judged."""


@stage("propose.automatic_masks")
class AutomaticMasks(Stage):
    """Class-agnostic masks, best-rated first."""

    class Config(StageConfig):
        """Settings of `propose.automatic_masks`; defaults are those of SAM's generator."""

        points_per_side: int = Field(
            32, ge=1, le=256, description="Points along each side of the grid. Source: SAM."
        )
        points_per_batch: int = Field(
            64, ge=1, description="Points decoded together; memory only. Source: SAM."
        )
        min_quality: float = Field(
            0.88, ge=0, le=1, description="Least IoU the model predicts. Source: SAM."
        )
        min_stability: float = Field(
            0.95,
            ge=0,
            le=1,
            description="Least IoU between the masks at the two shifted thresholds. Source: SAM.",
        )
        stability_offset: float = Field(
            1.0, ge=0, description="Shift of the logit threshold up and down. Source: SAM."
        )
        nms_iou: float = Field(
            0.7, ge=0, le=1, description="Box overlap above which a weaker mask is dropped. SAM."
        )
        min_area: float = Field(
            0.0, ge=0, le=1, description="Least share of the image a mask covers. SAM: 0."
        )

    class Outputs(NamedTuple):
        """Masks with their boxes and predicted IoU, best first."""

        masks: Batch[Masks]
        boxes: Batch[Boxes]
        quality: Batch[Scores]

    def __init__(self, config: Config, segmenter: PromptSegmenter) -> None:
        super().__init__(config)
        self.segmenter = segmenter

    def run(self, image: Batch[Image]) -> Outputs:
        """Proposes masks on every image."""
        found = [self._propose(one) for one in image]
        return self.Outputs(
            [Masks(masks) for masks, _, _ in found],
            [Boxes(boxes) for _, boxes, _ in found],
            [Scores(quality) for _, _, quality in found],
        )

    def _propose(self, image: Image) -> tuple[Tensor, Tensor, Tensor]:
        """Masks, boxes and quality; until near-duplicates are gone masks are kept as bits."""
        import torch

        kept = [self._decode(image, points) for points in self._grid(image)]
        bits, boxes, quality = (torch.cat(column) for column in zip(*kept, strict=True))
        del kept
        one_class = torch.zeros_like(quality).long()
        rows = ops.boxes.nms(_outermost(boxes), quality, one_class, self.config.nms_iou)
        masks = torch.empty(len(rows), *image.size, dtype=torch.bool, device=bits.device)
        for start in range(0, len(rows), GROWN):
            part = slice(start, start + GROWN)
            masks[part] = ops.masks.unpacked(bits[rows[part]], image.size)
        return masks, boxes[rows], quality[rows]

    def _grid(self, image: Image) -> tuple[Tensor, ...]:
        """Cell centres of the grid in pixels, `[k, 2]` each batch."""
        import torch

        side = self.config.points_per_side
        height, width = image.size
        steps = (torch.arange(side, device=image.pixels.device) + 0.5) / side
        y, x = torch.meshgrid(steps * height, steps * width, indexing="ij")
        centres = torch.stack([x, y], dim=-1).reshape(-1, 2)
        return torch.split(centres, self.config.points_per_batch)

    def _decode(self, image: Image, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Bits, boxes and quality of the candidates worth keeping; only good ones grow to pixels.

        Growing costs more than decoding: it is done once, a few masks at a time.
        """
        import torch

        labels = torch.ones(len(points), 1, dtype=torch.int64, device=points.device)
        prompts = Prompts(points=points[:, None], point_labels=labels)
        [found] = self.segmenter.segment([image], [prompts], candidates=True)
        good = found.quality > self.config.min_quality
        quality = found.quality[good]
        looked = [self._look(part, image) for part in torch.split(found.logits[good], GROWN)]
        keep, bits, boxes = (torch.cat(column) for column in zip(*looked, strict=True))
        return bits, boxes, quality[keep]

    def _look(self, logits: Tensor, image: Image) -> tuple[Tensor, Tensor, Tensor]:
        """Which of some masks are stable and large enough; bits and boxes of these."""
        height, width = image.size
        grown = self.segmenter.pixels(logits, image.size)
        masks = grown > 0
        stable = ops.masks.stability(grown, self.config.stability_offset)
        large = ops.masks.area(masks) > self.config.min_area * height * width
        keep = (stable >= self.config.min_stability) & large
        masks = masks[keep]
        return keep, ops.masks.packed(masks), ops.masks.boxes_from_masks(masks)


def _outermost(boxes: Tensor) -> Tensor:
    """Boxes from the first to the last pixel's place, as SAM's generator compares them."""
    return boxes - boxes.new_tensor([0, 0, 1, 1])
