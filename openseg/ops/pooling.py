"""Vectors of regions as averages over the cells of a feature grid that their masks cover."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_CHUNK = 1 << 25
"""Mask pixels that are turned into floats at once, for memory."""


def masked_means(features: Tensor, masks: Tensor) -> Tensor:
    """Averages features over masks.

    Args:
        features: float32 `[d, gh, gw]`; the grid covers the masks' whole image.
        masks: bool `[n, h, w]`.

    Returns:
        float32 `[n, d]`: means over the cells, each weighed by the share of it that the mask
        covers; over all cells where a mask is empty.
    """
    width, *grid = features.shape
    cells = features.flatten(1)
    step = max(1, _CHUNK // max(1, masks[0].numel() if len(masks) else 1))
    means = [features.new_zeros(0, width)]
    for some in torch.split(masks, step):
        shares = functional.adaptive_avg_pool2d(
            some[:, None].to(features.dtype), (grid[0], grid[1])
        )
        shares = shares.flatten(1)
        shares = torch.where(shares.sum(dim=1, keepdim=True) > 0, shares, 1.0)
        means.append(shares @ cells.T / shares.sum(dim=1, keepdim=True))
    return torch.cat(means)
