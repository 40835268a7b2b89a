"""Foreground feature averages of regions, which images and templates share."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from openseg import ops
from openseg.models.protocols import ImageEncoder
from openseg.types import Image

if TYPE_CHECKING:
    from torch import Tensor

BLACK, WHITE = (0, 0, 0), 255


def foreground_averages(
    encoder: ImageEncoder, pictures: Sequence[tuple[Tensor, Tensor]]
) -> list[Tensor]:
    """Crops each region, paints what is not of it black, and averages the patches inside of it.

    Args:
        encoder: Gives the patches of a crop.
        pictures: Pixels uint8 `[3, h, w]` with masks bool `[n, h, w]`.

    Returns:
        For each picture float32 `[n, d]`, unit length.
    """
    import torch
    from torch.nn.functional import normalize

    crops: list[Tensor] = []
    shapes: list[Tensor] = []
    for pixels, masks in pictures:
        white = torch.full_like(pixels, WHITE)
        crops += ops.crops.masked_crops(pixels, masks, BLACK, margin=0.0)
        shapes += [one[0] > 0 for one in ops.crops.masked_crops(white, masks, BLACK, margin=0.0)]
    if not crops:  # one pixel tells how long the vectors are
        [one] = encoder.encode([_image(pictures[0][0][:, :1, :1])])
        return [one.summary.new_zeros(0, len(one.summary)) for _ in pictures]
    found = encoder.encode([_image(crop) for crop in crops])
    means = [
        ops.pooling.masked_means(one.patches, shape[None])
        for one, shape in zip(found, shapes, strict=True)
    ]
    vectors = normalize(torch.cat(means), dim=1)
    return list(torch.split(vectors, [len(masks) for _, masks in pictures]))


def _image(pixels: Tensor) -> Image:
    content = hashlib.sha256(str(tuple(pixels.shape)).encode())
    content.update(pixels.contiguous().cpu().numpy().data)
    return Image(pixels, content.hexdigest())
