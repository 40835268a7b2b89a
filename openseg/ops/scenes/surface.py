"""The surface that points lie on: their neighbours, normals, and which way these face."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor

from openseg.ops.scenes.looking import Look

BLOCK = 1 << 18
"""Points whose neighbourhoods are in memory at once."""

STRETCH = 3.0
"""Neighbours further than this many times the usual distance to a neighbour are not joined."""


NOTHING = 0.02
"""Share of a scene's points that may lie behind a wall: noise, and what is seen through doors."""


def neighbours_and_normals(positions: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Pairs of nearby points, and normals of the planes through neighbourhoods.

    Args:
        positions: float32 `[n, 3]`.
        count: Neighbours of a point.

    Returns:
        Pairs int64 `[m, 2]`, each once, the lower row first; normals float32 `[n, 3]` of unit
        length, facing either way.
    """
    n = len(positions)
    count = min(count, max(n - 1, 0))
    if count < 1:
        normals = positions.new_zeros(n, 3)
        normals[:, 2] = 1
        return torch.zeros(0, 2, dtype=torch.int64, device=positions.device), normals
    points = positions.cpu().numpy().astype(np.float64)
    tree = cKDTree(points)
    pairs, normals_of = [], []
    for start in range(0, n, BLOCK):
        apart, near = tree.query(points[start : start + BLOCK], k=count + 1)
        around = torch.from_numpy(points[near])
        around = around - around.mean(dim=1, keepdim=True)
        normals_of.append(torch.linalg.eigh(around.mT @ around)[1][..., 0].float())
        usual = np.median(apart[:, 1:], axis=1, keepdims=True)
        close = apart[:, 1:] <= STRETCH * usual
        own = np.broadcast_to(np.arange(start, start + len(near))[:, None], close.shape)
        both = np.sort(np.stack([own[close], near[:, 1:][close]], axis=1), axis=1)
        pairs.append(both[:, 0] * n + both[:, 1])
    keys = np.unique(np.concatenate(pairs))
    found = torch.from_numpy(np.stack([keys // n, keys % n], axis=1))
    return found.to(positions.device), torch.cat(normals_of).to(positions.device)


def nearest(positions: Tensor, targets: Tensor, count: int, max_distance: float) -> Tensor:
    """The points nearest to each target.

    Args:
        positions: float32 `[n, 3]`.
        targets: float32 `[m, 3]`.
        count: How many for each.
        max_distance: Points farther away do not count, metres.

    Returns:
        int64 `[m, count]`: rows of `positions`, nearest first; -1 where there is none.
    """
    found = torch.full((len(targets), count), -1, dtype=torch.int64)
    if len(positions):
        tree = cKDTree(positions.cpu().numpy())
        for start in range(0, len(targets), BLOCK):
            part = targets[start : start + BLOCK].cpu().numpy()
            apart, rows = tree.query(part, k=list(range(1, count + 1)))
            rows = np.where(apart <= max_distance, rows, -1)
            found[start : start + len(part)] = torch.from_numpy(rows.astype(np.int64))
    return found.to(targets.device)


def facing(
    positions: Tensor, normals: Tensor, looks: Iterable[Look], eyes: Tensor
) -> tuple[Tensor, Tensor]:
    """Turns normals towards a camera that sees them.

    Args:
        positions: float32 `[n, 3]`.
        normals: float32 `[n, 3]`, facing either way.
        looks: Looks from some of the frames.
        eyes: float32 `[f, 3]`: where each frame's camera stands.

    Returns:
        Normals float32 `[n, 3]`, and which were turned by a camera, bool `[n]`; the others are as
        they came.
    """
    from_eye = torch.zeros_like(positions)
    known = torch.zeros(len(positions), dtype=torch.bool, device=positions.device)
    for one in looks:
        from_eye[one.points] = eyes[one.view] - positions[one.points]
        known[one.points] = True
    away = (normals * from_eye).sum(dim=1) < 0
    return torch.where(away[:, None], -normals, normals), known


def creases(positions: Tensor, normals: Tensor, faced: Tensor, pairs: Tensor) -> Tensor:
    """How sharply the surface bends between neighbours; outward bends hardly count.

    Objects meet in inward creases (a cup on a table), while an outward one (the edge of a box) is
    mostly inside one object: Karpathy et al., "Object Discovery in 3D Scenes via Shape Analysis",
    ICRA 2013. As in ScanNet's segmentator, outward bends are squared.

    Args:
        positions: float32 `[n, 3]`.
        normals: float32 `[n, 3]`, facing the cameras where `faced`.
        faced: bool `[n]`.
        pairs: int64 `[m, 2]`.

    Returns:
        float32 `[m]` from 0 (flat) to 1 (a right angle) and on to 2.
    """
    first, second = pairs.unbind(dim=1)
    cosine = (normals[first] * normals[second]).sum(dim=1)
    known = faced[first] & faced[second]
    bend = 1 - torch.where(known, cosine, cosine.abs())
    between = positions[second] - positions[first]
    spread = (between * (normals[second] - normals[first])).sum(dim=1)
    outward = known & (spread > 0)
    return torch.where(outward, bend * bend / 2, bend).clamp(0, 2)


def shades(colors: Tensor, pairs: Tensor) -> Tensor:
    """How much the colour changes between neighbours.

    Args:
        colors: uint8 `[n, 3]`.
        pairs: int64 `[m, 2]`.

    Returns:
        float32 `[m]` from 0 to 1, black beside white.
    """
    levels = colors.float() / 255
    change: Tensor = (levels[pairs[:, 0]] - levels[pairs[:, 1]]).norm(dim=1) / 3**0.5
    return change


def boxes(positions: Tensor, piece: Tensor, count: int) -> Tensor:
    """Boxes around pieces.

    Returns:
        float32 `[p, 6]`: lowest, then highest coordinates.
    """
    index = piece[:, None].expand(-1, 3)
    low = positions.new_full((count, 3), torch.inf).scatter_reduce_(0, index, positions, "amin")
    high = positions.new_full((count, 3), -torch.inf).scatter_reduce_(0, index, positions, "amax")
    return torch.cat([low, high], dim=1)


def areas(positions: Tensor, piece: Tensor, count: int, cell: float = 0.1) -> Tensor:
    """About how large pieces of a surface are, however dense their points.

    Args:
        positions: float32 `[n, 3]`.
        piece: int64 `[n]`: the piece of each point.
        count: How many pieces there are.
        cell: Side in metres of the cubes that are counted.

    Returns:
        float32 `[p]`, square metres.
    """
    cubes = torch.cat([piece[:, None], (positions / cell).floor().long()], dim=1)
    return torch.bincount(torch.unique(cubes, dim=0)[:, 0], minlength=count).float() * cell**2


def enclosing(
    positions: Tensor,
    normals: Tensor,
    piece: Tensor,
    areas: Tensor,
    min_area: float,
    tolerance: float,
) -> Tensor:
    """Which pieces are walls, floors and ceilings: large, flat, with nothing behind them.

    Args:
        positions: float32 `[n, 3]`.
        normals: float32 `[n, 3]`, facing the inside.
        piece: int64 `[n]`.
        areas: float32 `[p]`, square metres.
        min_area: Smaller pieces are not looked at.
        tolerance: Metres that points of a flat piece may be off its plane, and that points behind
            it must be away from it.

    Returns:
        bool `[p]`.
    """
    found = torch.zeros(len(areas), dtype=torch.bool, device=areas.device)
    for one in (areas >= min_area).nonzero()[:, 0].tolist():
        own = piece == one
        normal = torch.nn.functional.normalize(normals[own].mean(dim=0), dim=0)
        off = (positions - positions[own].mean(dim=0)) @ normal
        flat = off[own].abs().median() <= tolerance
        found[one] = flat & ((off < -2 * tolerance).float().mean() <= NOTHING)
    return found
