"""Fewer points of a cloud, evenly: at most one a cube."""

from __future__ import annotations

import torch
from torch import Tensor

GROWTH = 1.25
"""How much larger the cubes are in each next try."""


def thin(
    positions: Tensor, max_points: int, kept: Tensor | None = None, spacing: float = 0.0
) -> Tensor:
    """Rows of at most so many points, no two in one cube, and of those that must stay.

    Args:
        positions: float32 `[n, 3]`.
        max_points: The most points wanted, at least 1.
        kept: int64: rows that stay beside them, whatever else is in their cubes.
        spacing: The least side of a cube, metres; 0 if cubes are only to leave few enough.

    Returns:
        int64, rising; all rows if there are not more and no spacing is asked.
    """
    everything = torch.arange(len(positions), device=positions.device)
    if not len(positions) or (len(positions) <= max_points and not spacing):
        return everything
    low = positions.amin(dim=0)
    extent = positions.amax(dim=0) - low
    cube = max(spacing, float(extent.max()) / (1 << 20), 1e-6)
    if len(positions) > max_points:
        # Surfaces fill about as many cubes as a box's sides do; a start that is a little too fine.
        sides = float(extent[0] * extent[1] + extent[1] * extent[2] + extent[0] * extent[2])
        cube = max(cube, (sides / max_points) ** 0.5)
    while True:
        at = ((positions - low) / cube).long()
        number = (at[:, 0] << 42) + (at[:, 1] << 21) + at[:, 2]
        keys, place = torch.unique(number, return_inverse=True)
        if len(keys) <= max_points:
            break
        cube *= GROWTH
    first = torch.full((len(keys),), len(positions), dtype=torch.int64, device=positions.device)
    chosen = first.scatter_reduce_(0, place, everything, "amin")
    some: Tensor = torch.unique(chosen if kept is None else torch.cat([chosen, kept]))
    return some
