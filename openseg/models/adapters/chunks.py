"""Images and rows in pieces that fit into memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

Result = TypeVar("Result")

CPU_PIXELS = 1 << 20
"""Pixels that an encoder takes at once on a CPU. They give all its cores enough to do; with more,
what lies between layers is so large that each piece of it is memory fresh from the system, and an
image takes 1.2 times as long (measured with four images at SAM's and Grounding DINO's own sizes).
"""


def images_per_call(usual: int, size: tuple[int, int], device: torch.device) -> int:
    """How many images an encoder takes at once.

    Args:
        usual: On a GPU.
        size: Height and width of what the encoder gets.
        device: Where it runs.
    """
    if device.type != "cpu":
        return usual
    return max(1, min(usual, CPU_PIXELS // (size[0] * size[1])))


def in_chunks(count: int, size: int, run: Callable[[slice], Result]) -> list[Result]:
    """Runs rows chunk by chunk; a chunk that does not fit is halved, and all that follow.

    Args:
        count: Number of rows.
        size: Rows in a chunk at first.
        run: Works on a slice of the rows.

    Returns:
        What `run` gave for each chunk, in order; empty for no rows.

    Raises:
        torch.OutOfMemoryError: If a single row does not fit.
    """
    results: list[Result] = []
    start = 0
    while start < count:
        end = min(start + size, count)
        try:
            results.append(run(slice(start, end)))
        except torch.OutOfMemoryError:
            if end - start == 1:
                raise
            size = (end - start) // 2
        else:
            start = end
    return results
