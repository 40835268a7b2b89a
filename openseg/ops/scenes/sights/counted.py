"""What looks show of objects: how many of their points, within which box, on which pixels.

All in NumPy, on one thread: a look is too little work for more, and torch's threads wait for each
other longer than they work where a processor is shared. Memory is a few numbers a point of the
scene and a point of the objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from openseg.ops.scenes.looking import Look
from openseg.ops.scenes.sights.cells import Cells
from openseg.types import Instances3D, InstanceViews


class Sight(NamedTuple):
    """What one look shows of objects: an entry for each of their points that is seen.

    Attributes:
        pixels: int32 `[e]`: row * width + column in the colour picture, object after object.
        counts: int64 `[k]`: how many entries each object has.
    """

    pixels: Tensor
    counts: Tensor


class Eye:
    """Picks the points of objects out of looks.

    Args:
        instances: The objects.
    """

    def __init__(self, instances: Instances3D) -> None:
        self._device = instances.points.device
        self._points, self._sizes = instances.points.cpu().numpy(), instances.sizes.cpu().numpy()
        self._sets = np.split(self._points, instances.ends.cpu().numpy()[:-1])
        self._total = instances.total

    def __call__(self, one: Look, asked: Tensor | None = None) -> Sight:
        """What a look shows of the objects.

        Args:
            one: The look.
            asked: bool `[k]`: the objects that count; the others show nothing. All if None.
        """
        points, sizes = self._points, self._sizes
        if asked is not None:
            rows = asked.nonzero()[:, 0].tolist()
            points = np.concatenate([points[:0], *(self._sets[row] for row in rows)])
            sizes = sizes * asked.cpu().numpy()
        # One more than the pixel, 0 where a point is not seen.
        shown = np.zeros(self._total, dtype=np.int32)
        shown[one.points.cpu().numpy()] = one.pixels.cpu().numpy() + 1
        pixels = shown.take(points)
        entries = np.flatnonzero(pixels != 0)
        ends = np.searchsorted(entries, sizes.cumsum())
        found = pixels.take(entries) - 1, np.diff(ends, prepend=0)
        return Sight(*(torch.from_numpy(one).to(self._device) for one in found))


def instance_views(looks: Iterable[Look], instances: Instances3D, views: int) -> InstanceViews:
    """How much of each object each view shows, and where.

    Args:
        looks: Looks from some or all views; pictures are at most 65,534 pixels wide and high.
        instances: The objects.
        views: How many views there are.
    """
    visible = np.zeros((views, len(instances)), dtype=np.int64)
    boxes = np.zeros((views, len(instances), 4), dtype=np.float32)
    cells = Cells.of(instances)
    for one in looks if len(cells.owners) else ():
        pixels, width = one.pixels.cpu().numpy().astype(np.uint32), np.uint32(one.size[1])
        # Line and column in one number, each one more than it is, so that 0 is not seen.
        both = pixels // width * (np.uint32(1 << 16) - width) + pixels + np.uint32(0x1_0001)
        shown = np.zeros(instances.total, dtype=np.uint32)
        shown[cells.places.take(one.points.cpu().numpy())] = both
        counts, corners = _extents(shown[cells.first :], cells)
        visible[one.view, cells.owners] = counts
        boxes[one.view, cells.owners] = corners * (counts > 0)[:, None]
    found = visible.T, boxes.transpose(1, 0, 2)
    device = instances.points.device
    return InstanceViews(*(torch.from_numpy(np.ascontiguousarray(x)).to(device) for x in found))


def _extents(shown: NDArray[np.uint32], cells: Cells) -> tuple[NDArray[Any], NDArray[Any]]:
    """Seen points of the objects, `[k]`, and boxes around them, `[k, 4]`, no meaning without any.

    What is not seen is 0, less than any line or column, and as 0 - 1 more than any: so it decides
    neither the most nor the least, and nothing has to be picked out.
    """
    most, least = (partial(_over, cells, one) for one in (np.maximum, np.minimum))
    counts = _over(cells, np.add, (shown != 0).view(np.uint8), np.int32)
    bottom, columns = most(shown) >> 16, shown.astype(np.uint16)
    right = most(columns)
    top, left = (least(shown - 1) >> 16).astype(np.int64) - 1, least(columns - 1)
    return counts, np.stack([left, top, right, bottom], axis=1)


def _over(
    cells: Cells, best: np.ufunc, values: NDArray[Any], kind: type[np.generic] | None = None
) -> NDArray[Any]:
    """Puts the values of each object's points together, over cells first."""
    in_cells = best.reduceat(values, cells.starts, dtype=kind)
    return best.reduceat(in_cells.take(cells.held), cells.bounds)
