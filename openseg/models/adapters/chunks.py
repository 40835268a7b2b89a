"""Rows in pieces that fit into memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

Result = TypeVar("Result")


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
