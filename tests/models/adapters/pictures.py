"""Pictures for adapter tests: smooth, so that the last bit of a resize does not decide."""

from __future__ import annotations

import torch
from torch.nn.functional import interpolate

from openseg.io.images import image_from
from openseg.types import Image


def picture(height: int, width: int, seed: int = 0) -> Image:
    """A random picture without sharp edges."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 6, 6, generator=generator) * 255
    fine = interpolate(coarse, (height, width), mode="bicubic").clamp(0, 255)
    pixels = fine.round().to(torch.uint8)[0].permute(1, 2, 0).contiguous().numpy()
    return image_from(pixels, f"{height}x{width} {seed}")
