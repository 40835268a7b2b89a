"""Objects of a scene in an image-text space: crops at several scales from several views, averaged.

Takmaz et al., "OpenMask3D", NeurIPS 2023, arXiv:2306.13631 (multi-scale crops of the top views).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ImageTextEncoder
from openseg.types import Frames, Instances3D, RegionEmbeddings, Rows, ViewMasks, ViewRegions

if TYPE_CHECKING:
    from torch import Tensor


@stage("embed.crops_in_views")
class EmbedCropsInViews(Stage):
    """Embeds each object by the pictures around it in its views."""

    class Config(StageConfig):
        """Settings of `embed.crops_in_views`."""

        levels: int = Field(
            3, ge=1, description="Crops of a box, the first as it is. Source: OpenMask3D."
        )
        growth: float = Field(
            0.1,
            ge=0,
            description="How much each further crop grows on each side, as a share of the box. "
            "Source: OpenMask3D, multi_level_expansion_ratio.",
        )
        square: bool = Field(
            False,
            description="True: crops are squares around the box, which encoders that see squares "
            "neither squeeze nor cut off. Ours.",
        )
        margin: float = Field(
            0.1,
            ge=0,
            description="Room around the box in the first square on each side, as a share of the "
            "box's longer side. Ours, as the mini encoder was trained.",
        )
        views_at_once: int = Field(
            8, ge=1, description="Pictures in memory whose crops are embedded together. Ours."
        )

    class Outputs(NamedTuple):
        """One vector an object; 0 for one that no view shows."""

        embeddings: Batch[RegionEmbeddings]

    def __init__(self, config: Config, encoder: ImageTextEncoder) -> None:
        super().__init__(config)
        self.encoder = encoder

    def run(
        self,
        frames: Batch[Frames],
        instances: Batch[Instances3D],
        regions: Batch[ViewRegions],
        objects: Batch[Rows],
        masks: Batch[ViewMasks] | None = None,
    ) -> Outputs:
        """Embeds every scene's objects; with `masks`, also without what is around them."""
        every = [None] * len(frames) if masks is None else masks
        columns = zip(frames, instances, regions, objects, every, strict=True)
        return self.Outputs([RegionEmbeddings(self._embed(*one)) for one in columns])

    def _embed(
        self,
        frames: Frames,
        instances: Instances3D,
        regions: ViewRegions,
        objects: Rows,
        masks: ViewMasks | None,
    ) -> Tensor:
        import torch

        width = self.encoder.encode_texts(["a"]).shape[1]
        total = frames.poses.new_zeros(len(instances), width)
        views = regions.used()
        for start in range(0, len(views), self.config.views_at_once):
            crops, owners = [], []
            for view in views[start : start + self.config.views_at_once]:
                pixels = frames[view].image().pixels
                for row in regions.of_view(view):
                    found = self._crops(pixels, regions.boxes[row])
                    if masks is not None:
                        mask = masks.mask(row, (pixels.shape[1], pixels.shape[2]))[None]
                        fill = self.encoder.mean_pixel
                        found += ops.crops.masked_crops(pixels, mask, fill, self.config.margin)
                    crops += found
                    owners += [int(objects.index[row])] * len(found)
            index = torch.tensor(owners, dtype=torch.int64, device=total.device)
            total.index_add_(0, index, self.encoder.encode_images(crops))
        return torch.nn.functional.normalize(total, dim=-1)

    def _crops(self, pixels: Tensor, box: Tensor) -> list[Tensor]:
        """The box as it is and ever wider, cut off at the picture's edges; at least one pixel."""
        config = self.config
        if config.square:
            room = [config.margin + level * config.growth for level in range(config.levels)]
            fill = self.encoder.mean_pixel
            return [ops.crops.square_crop(pixels, box.tolist(), fill, one) for one in room]
        height, width = pixels.shape[1:]
        left, top, right, bottom = box.tolist()
        crops = []
        for level in range(config.levels):
            x, y = (level * config.growth * side for side in (right - left, bottom - top))
            first = max(0, min(int(left - x), width - 1)), max(0, min(int(top - y), height - 1))
            last = min(width, round(right + x)), min(height, round(bottom + y))
            columns = slice(first[0], max(last[0], first[0] + 1))
            rows = slice(first[1], max(last[1], first[1] + 1))
            crops.append(pixels[:, rows, columns])
        return crops
