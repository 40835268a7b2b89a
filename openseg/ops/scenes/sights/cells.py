"""Points that the same objects have, in cells: what is asked of many objects is asked of each once.

A hundred overlapping objects of a scene make some hundreds of cells, of which every point is in
one, so that a point is looked at once however many objects have it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from openseg.types import Instances3D


class Cells(NamedTuple):
    """The scene's points in the order of their cells.

    Attributes:
        places: int64 `[n]`: where each point of the scene is in that order.
        first: Where the points begin that any object has.
        starts: int64 `[c]`: where each cell begins, from `first` on.
        owners: int64 `[m]`: the objects that have points.
        held: int64 `[h]`: the cells of the first of them, then those of the second, ...
        bounds: int64 `[m]`: where the cells of each begin in `held`.
    """

    places: NDArray[np.int64]
    first: int
    starts: NDArray[np.int64]
    owners: NDArray[np.int64]
    held: NDArray[np.int64]
    bounds: NDArray[np.int64]

    @classmethod
    def of(cls, instances: Instances3D) -> Cells:
        """The cells of some objects; takes a few numbers a point of the scene and of the objects.

        Args:
            instances: The objects.
        """
        points, ends = instances.points.cpu().numpy(), instances.ends.cpu().numpy()
        cell = _divided(points, ends, instances.total)
        order = cell.argsort()
        places = np.empty_like(order)
        places[order] = np.arange(len(order))
        in_order = cell[order]
        heads = np.flatnonzero(np.diff(in_order, prepend=-1))
        first = int(np.searchsorted(in_order, 1))
        heads = heads[heads >= first]
        # An object has a cell if it has the point that the cell begins with.
        number = np.full(len(order), -1)
        number[order[heads]] = np.arange(len(heads))
        of_entries = number[points]
        entries = np.flatnonzero(of_entries >= 0)
        counts = np.diff(np.searchsorted(entries, ends), prepend=0)
        owners = np.flatnonzero(counts)
        bounds = (counts.cumsum() - counts)[owners]
        return cls(places, first, heads - first, owners, of_entries[entries], bounds)


def _divided(points: NDArray[np.int64], ends: NDArray[np.int64], total: int) -> NDArray[np.int64]:
    """A number for each point of the scene, equal for points of the same objects; 0 if of none."""
    cell = np.zeros(total, dtype=np.int64)
    witness = np.empty(len(points) + 1, dtype=np.int64)
    made = 1
    for own in np.split(points, ends[:-1]):
        # Each cell it touches is divided: what it has of it gets a new number.
        touched, rows = cell[own], np.arange(len(own))
        witness[touched] = rows
        witnesses = witness[touched]
        new = witnesses == rows
        cell[own] = (made - 1 + new.cumsum())[witnesses]
        made += int(new.sum())
    return cell
