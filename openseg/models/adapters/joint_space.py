"""What encoders of images and texts share: rows in chunks, unit vectors, crops of any shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn.functional import normalize

from openseg.models.adapters.chunks import in_chunks

Item = TypeVar("Item")

IMAGES_PER_CALL = 64
TEXTS_PER_CALL = 256
MAX_ASPECT = 16


def embed(
    items: Sequence[Item],
    size: int,
    run: Callable[[Sequence[Item]], Tensor],
    width: int,
    device: torch.device,
) -> Tensor:
    """Embeds images or texts chunk by chunk.

    Args:
        items: What to embed; may be empty.
        size: How many go through the network together at first.
        run: Gives vectors `[n, d]`, of any length and dtype.
        width: d.
        device: Where the vectors lie when there are none.

    Returns:
        float32 `[n, d]`, unit length.
    """
    chunks = in_chunks(len(items), size, lambda part: run(items[part]))
    vectors = torch.cat(chunks) if chunks else torch.zeros(0, width, device=device)
    return normalize(vectors.float(), dim=-1)


def fill_colour(mean: Sequence[float]) -> tuple[int, int, int]:
    """The pixel a normalisation brings to about zero.

    Args:
        mean: RGB in [0, 1].
    """
    red, green, blue = (round(255 * value) for value in mean)
    return red, green, blue


def middle(pixels: Tensor) -> Tensor:
    """The part of a very long strip that is worth resizing.

    Preprocessing that scales the short side and then keeps the central square would blow a strip
    of 1x8000 pixels up to gigabytes first. The centre stays where it was.

    Args:
        pixels: uint8 `[3, h, w]`.

    Returns:
        uint8 `[3, h, w]`, the same unless one side exceeds `MAX_ASPECT` times the other.
    """
    height, width = pixels.shape[1:]
    longest = MAX_ASPECT * min(height, width)
    top, left = (max(0, (side - longest) // 2) for side in (height, width))
    return pixels[:, top : height - top, left : width - left]
