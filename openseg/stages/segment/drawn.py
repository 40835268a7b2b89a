"""One thing from all that is drawn on an image: boxes, points, scribbles and an earlier mask.

A segmenter is shown everything together, as Kirillov et al., "Segment Anything", ICCV 2023,
arXiv:2304.02643, do in their interactive rounds: the mask of the round before is a prompt of the
next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import Prompts, PromptSegmenter
from openseg.types import Boxes, Image, Masks, Points, Scores

if TYPE_CHECKING:
    from torch import Tensor

_INSIDE, _PADDING = 1, -1


@stage("segment.drawn")
class SegmentDrawn(Stage):
    """Finds the thing that all boxes, points and masks of an image are meant for.

    Several boxes count as the one around them, several masks as their union. A lone point leaves
    open what is meant: it has several readings. A mask alone is the thing as it is.
    """

    needs_one_of = (("boxes", "points", "masks"),)

    class Config(StageConfig):
        """Settings of `segment.drawn`."""

        mask_logit: float = Field(
            10.0,
            gt=0,
            description="Logit that an earlier mask is shown with inside, and its negative "
            "outside. Source: SAM 2, masks as inputs, 20 * mask - 10.",
        )

    class Outputs(NamedTuple):
        """The thing: one row, none where nothing is drawn; and all that may be meant, best first.

        Qualities are the segmenter's own estimates of the masks' IoU.
        """

        masks: Batch[Masks]
        quality: Batch[Scores]
        readings: Batch[Masks]
        reading_quality: Batch[Scores]

    def __init__(self, config: Config, segmenter: PromptSegmenter) -> None:
        super().__init__(config)
        self.segmenter = segmenter

    def run(
        self,
        image: Batch[Image],
        boxes: Batch[Boxes] | None = None,
        points: Batch[Points] | None = None,
        masks: Batch[Masks] | None = None,
    ) -> Outputs:
        """Segments what is drawn on every image."""
        outputs = self.Outputs([], [], [], [])
        for i, one in enumerate(image):
            found, quality = self._read(
                one,
                _around(boxes[i].xyxy) if boxes is not None else None,
                _distinct(points[i]) if points is not None else None,
                _union(masks[i].data) if masks is not None else None,
            )
            # Values of their own: the cache stores no two that share memory.
            outputs.masks.append(Masks(found[:1].clone()))
            outputs.quality.append(Scores(quality[:1].clone()))
            outputs.readings.append(Masks(found))
            outputs.reading_quality.append(Scores(quality))
        return outputs

    def _read(
        self,
        image: Image,
        box: Tensor | None,
        points: tuple[Tensor, Tensor] | None,
        mask: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """Readings bool `[k, h, w]` and their quality float32 `[k]`, best first."""
        pixels = image.pixels
        if box is None and points is None:
            known = pixels.new_zeros(0, *image.size).bool() if mask is None else mask[None]
            return known, pixels.new_ones(len(known)).float()
        xy, labels = points if points is not None else (None, None)
        prompts = Prompts(
            boxes=box,
            points=xy,
            point_labels=labels,
            logits=self._logits(image, mask) if mask is not None else None,
        )
        lone = labels is not None and labels.tolist() == [[_INSIDE]]
        several = lone and box is None and mask is None
        [found] = self.segmenter.segment([image], [prompts], candidates=several)
        quality, order = found.quality[0].sort(descending=True, stable=True)
        return self.segmenter.pixels(found.logits[0, order], image.size) > 0, quality

    def _logits(self, image: Image, mask: Tensor) -> Tensor:
        """A mask bool `[h, w]` as the segmenter takes it, float32 `[1, lh, lw]`."""
        import torch
        from torch.nn.functional import adaptive_avg_pool2d, pad

        box = Prompts(boxes=ops.masks.boxes_from_masks(mask[None]))
        [look] = self.segmenter.segment([image], [box], candidates=False)
        rows, columns = look.logits.shape[-2:]
        # How much of its grid the image covers, the rest being padding, is the segmenter's affair:
        # a ramp over the grid, brought to the image, has the middle of that part as its mean.
        down = torch.arange(rows, device=mask.device).float()[:, None].expand(rows, columns)
        along = torch.arange(columns, device=mask.device).float()[None].expand(rows, columns)
        means = self.segmenter.pixels(torch.stack([down, along]), image.size).mean(dim=(1, 2))
        height, width = (round(2 * mean + 1) for mean in means.tolist())
        share = adaptive_avg_pool2d(mask[None].float(), (height, width))
        logits = self.config.mask_logit * (2 * share - 1)
        return pad(logits, (0, columns - width, 0, rows - height), value=-self.config.mask_logit)


def _around(boxes: Tensor) -> Tensor | None:
    """The box around all boxes, `[1, 4]`."""
    import torch

    if not len(boxes):
        return None
    return torch.cat([boxes[:, :2].amin(dim=0), boxes[:, 2:].amax(dim=0)])[None]


def _distinct(points: Points) -> tuple[Tensor, Tensor] | None:
    """All points of all rows, each once: `[1, k, 2]` and their labels `[1, k]`."""
    import torch

    real = points.labels != _PADDING
    if not real.any():
        return None
    labelled = torch.cat([points.xy[real], points.labels[real][:, None].float()], dim=1)
    rows: Tensor = torch.unique(labelled, dim=0)
    return rows[None, :, :2], rows[None, :, 2].long()


def _union(masks: Tensor) -> Tensor | None:
    """What any mask covers, bool `[h, w]`."""
    return masks.any(dim=0) if masks.any() else None
