"""Whole stills whose patches learn what they show, as readers of dense CLIP features need them.

CLIP's own training makes patches that lie near the texts of what they show; trained on crops
alone, a small encoder never sees a thing among others. The patches are read as MaskCLIP reads
them (Zhou et al. 2022, arXiv:2112.01071), at twice the side of a crop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from openseg.mini.recipes.crops import CROP_SIZE, brighten, resize
from openseg.mini.recipes.regions import Region
from openseg.mini.recipes.stills import Still
from openseg.models.adapters.clip_patches import ENLARGED, dense_tokens

SIDE = ENLARGED * CROP_SIZE
MIN_CELLS = 1.0
"""A region that covers less than this many patches teaches nothing."""


class Pictures(NamedTuple):
    """Stills and the regions in them.

    Attributes:
        pixels: stills, not normalised, uint8 [p, 128, 128, 3].
        owner: place of each region's still, int64 [r].
        cover: share of each patch that each region covers, float32 [r, rows, columns].
    """

    pixels: Tensor
    owner: Tensor
    cover: Tensor


def make_pictures(
    stills: Sequence[Still],
    regions: Sequence[Sequence[Region]],
    patch: int,
    rng: np.random.Generator,
) -> tuple[Pictures, list[list[int]]]:
    """Scale stills down and tell which patches their regions cover.

    Args:
        stills: p stills.
        regions: regions of each still.
        patch: side of a patch.
        rng: source of chance.

    Returns:
        The pictures, and for each still the places of those of its regions that are kept.
    """
    shape = (SIDE // patch, SIDE // patch)
    covers: list[Tensor] = []
    owners: list[int] = []
    kept: list[list[int]] = []
    for number, (still, some) in enumerate(zip(stills, regions, strict=True)):
        masks = np.stack([still.mask(one.seen, one.part) for one in some]).astype(np.float32)
        cells = functional.interpolate(torch.from_numpy(masks)[None], size=shape, mode="area")[0]
        large = cells.sum((1, 2)) >= MIN_CELLS
        covers.append(cells[large])
        owners += [number] * int(large.sum())
        kept.append(large.nonzero()[:, 0].tolist())
    pixels = np.stack([brighten(resize(still.image, SIDE), rng) for still in stills])
    return Pictures(torch.from_numpy(pixels), torch.tensor(owners), torch.cat(covers)), kept


def region_vectors(model: Any, pixel_values: Tensor, pictures: Pictures) -> Tensor:
    """The mean of each region's patches, and the patch that it covers most, in the space of texts.

    Args:
        model: a `transformers.CLIPModel`.
        pixel_values: the normalised stills, float32 [p, 3, 128, 128].
        pictures: the stills' regions.

    Returns:
        float32 [2 r, d]: r means, then r single patches.
    """
    _, patches = dense_tokens(model, pixel_values)
    cover = pictures.cover.flatten(1).to(patches.device)
    own = patches[pictures.owner.to(patches.device)]
    means = (cover[..., None] * own).sum(1) / cover.sum(1, keepdim=True)
    single = own[torch.arange(len(own)), cover.argmax(1)]
    return torch.cat((means, single))
