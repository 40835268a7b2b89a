"""The geometry of Segment Anything: the longest side fits the network's square, the rest is padded.

Kirillov et al., "Segment Anything", ICCV 2023, arXiv:2304.02643.
"""

from __future__ import annotations

import math

from torch import Tensor


def resized(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Height and width of an image once its longest side fits.

    Args:
        size: Height and width of the original.
        longest: Side of the network's square.

    Returns:
        Height and width, rounded half up and at least 1.
    """
    scale = longest / max(size)
    height, width = (max(1, int(side * scale + 0.5)) for side in size)
    return height, width


def scale(size: tuple[int, int], longest: int) -> tuple[float, float]:
    """What brings x and y of the original into the network's square."""
    height, width = resized(size, longest)
    return width / size[1], height / size[0]


def thickened(pixels: Tensor, longest: int) -> Tensor:
    """Repeats the lines of an image so thin that resizing would leave none of it.

    Args:
        pixels: uint8 `[3, h, w]`.
        longest: Side of the network's square.

    Returns:
        uint8 `[3, h, w]`, the same image unless its aspect exceeds twice `longest`; `resized` is
        the same for both.
    """
    sides = pixels.shape[1:]
    short = min(sides)
    needed = math.ceil(0.5 * max(sides) / longest)
    if short >= needed:
        return pixels
    return pixels.repeat_interleave(math.ceil(needed / short), dim=1 + sides.index(short))
