"""Two sets of objects of one scene made into one, by how much of each lies in the other.

Ton et al., "Zero-Shot Dual-Path Integration Framework for Open-Vocabulary 3D Instance
Segmentation", OpenSUN3D 2024, arXiv:2408.08591 (conditional integration).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openseg.ops.scenes.point_sets import shared
from openseg.types import Instances3D


class Plan(NamedTuple):
    """What becomes of two sets.

    Attributes:
        merged: Pairs (row of the first set, row of the second) that are one object.
        first: Rows of the first set that stay as they are.
        second: Rows of the second set that stay as they are.
    """

    merged: list[tuple[int, int]]
    first: list[int]
    second: list[int]


def plan(first: Instances3D, second: Instances3D, min_first: float, min_second: float) -> Plan:
    """Decides for every overlapping pair.

    If most of both lies in the other they are one object; if most of one only, that one stays and
    the larger, coarser one goes; else both stay. Pairs that overlap most are decided first, and an
    object is merged once.

    Args:
        first: k objects.
        second: m objects.
        min_first: Share of a first object in a second one from which "most of it" is said.
        min_second: The same the other way round.
    """
    inter = shared(first, second).tocoo()
    rows, columns = inter.coords
    sizes = first.sizes.cpu().numpy(), second.sizes.cpu().numpy()
    of_first = inter.data / np.maximum(sizes[0][rows], 1)
    of_second = inter.data / np.maximum(sizes[1][columns], 1)
    iou = inter.data / (sizes[0][rows] + sizes[1][columns] - inter.data)
    alive = np.ones(len(first), dtype=bool), np.ones(len(second), dtype=bool)
    merged: list[tuple[int, int]] = []
    for one in np.argsort(-iou, kind="stable").tolist():
        a, b = int(rows[one]), int(columns[one])
        if not (alive[0][a] and alive[1][b]):
            continue
        most_of_a, most_of_b = of_first[one] >= min_first, of_second[one] >= min_second
        if most_of_a and most_of_b:
            merged.append((a, b))
            alive[0][a] = alive[1][b] = False
        elif most_of_b:
            alive[0][a] = False
        elif most_of_a:
            alive[1][b] = False
    return Plan(merged, _rows(alive[0]), _rows(alive[1]))


def _rows(flags: NDArray[np.bool_]) -> list[int]:
    found: list[int] = np.flatnonzero(flags).tolist()
    return found
