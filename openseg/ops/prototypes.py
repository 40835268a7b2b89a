"""One vector for a thing shown by masks, and where in another picture something is like it.

The one-shot part of Zhang et al., "Personalize Segment Anything Model with One Shot", ICLR 2024,
arXiv:2305.03048, and Tang et al., IPSeg, IJCV 2024, arXiv:2310.10912.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d, normalize

from openseg.ops.pooling import masked_means


def eroded(mask: Tensor, side: int) -> Tensor:
    """A mask without its rim, which shows the background too.

    Args:
        mask: bool `[h, w]`.
        side: Side of the square around a pixel that must lie in the mask for it to be kept; odd.

    Returns:
        bool `[h, w]`; the mask itself where nothing would be left.
    """
    outside = 1.0 - mask[None].float()
    kept = max_pool2d(outside, side, stride=1, padding=side // 2)[0] == 0
    return kept if kept.any() else mask


def prototypes(
    features: Sequence[Tensor], masks: Sequence[Tensor], things: Sequence[int]
) -> Tensor:
    """The mean feature of each thing: over its masks' cells, then over its pictures.

    Args:
        features: For each picture float32 `[d, gh, gw]`; the grid covers it.
        masks: For each picture bool `[h, w]`.
        things: For each picture which thing it shows.

    Returns:
        float32 `[t, d]`, unit length, things in the order of their first pictures.
    """
    rows: dict[int, list[Tensor]] = {}
    for dense, mask, thing in zip(features, masks, things, strict=True):
        mean = normalize(masked_means(dense, mask[None])[0], dim=0)
        rows.setdefault(thing, []).append(mean)
    return normalize(torch.stack([torch.stack(some).mean(dim=0) for some in rows.values()]), dim=1)


def likeness(features: Tensor, vectors: Tensor) -> Tensor:
    """The cosine of every cell with every vector.

    Args:
        features: float32 `[d, gh, gw]`.
        vectors: float32 `[n, d]`, unit length.

    Returns:
        float32 `[n, gh, gw]` in -1 to 1.
    """
    return torch.einsum("nd,dyx->nyx", vectors, normalize(features, dim=0))
