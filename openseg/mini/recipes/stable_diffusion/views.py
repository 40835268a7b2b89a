"""Cut, mirror and resize captioned views to the side a network trains at, masks with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from openseg.mini.recipes.stable_diffusion.captions import CaptionedView, Mention

WHOLE_SHARE = 0.4
SMALLEST_CROP = 0.65


@dataclass(frozen=True)
class TrainingView:
    """One view at a network's size.

    Attributes:
        pixels: float32 [3, side, side] in -1 to 1.
        caption: its text.
        mentions: what the caption names.
        coverage: share of each pixel that each mention covers, float32 [mentions, side, side].
    """

    pixels: Tensor
    caption: str
    mentions: tuple[Mention, ...]
    coverage: Tensor


def training_view(view: CaptionedView, side: int, rng: np.random.Generator) -> TrainingView:
    """Draw a square part of a view, mirrored half of the time, at `side` pixels.

    A caption may still name what the crop cut off: nothing is then asked of its words.
    """
    height, width = view.image.shape[:2]
    share = 1.0 if rng.random() < WHOLE_SHARE else float(rng.uniform(SMALLEST_CROP, 1.0))
    crop = round(min(height, width) * share)
    top, left = int(rng.integers(height - crop + 1)), int(rng.integers(width - crop + 1))
    window = np.s_[top : top + crop, left : left + crop]
    picture = torch.from_numpy(np.ascontiguousarray(view.image[window])).permute(2, 0, 1)
    masks = [torch.from_numpy(np.ascontiguousarray(one.mask[window])) for one in view.mentions]
    layers = torch.cat([picture.float() / 127.5 - 1.0, *(mask[None].float() for mask in masks)])
    if rng.random() < 0.5:
        layers = layers.flip(-1)
    layers = interpolate(layers[None], (side, side), mode="bilinear", antialias=True)[0]
    return TrainingView(layers[:3].clamp(-1.0, 1.0), view.caption, view.mentions, layers[3:])
