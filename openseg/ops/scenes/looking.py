"""Which points of a scene its frames see, one frame at a time.

A point is seen where the measured depth agrees with its own. Between frames nothing is kept, or a
bit for each point and frame (`Seen`): 25 MB for 500,000 points and 400 frames.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from openseg.ops.geometry import Projected, in_picture, seen
from openseg.ops.scenes.point_sets import blocks, incidence
from openseg.types import Camera, Frame, Frames, Instances3D, InstanceViews, Sightings
from openseg.types.camera import scale_k

CELL = 4
"""Side in pixels of the cells in which a frame without depth lets near points hide far ones."""

TABLE = 1 << 24
"""Numbers of a table of points by views that are in memory at once."""


class Look(NamedTuple):
    """What a frame shows of a scene.

    Attributes:
        view: The frame's row.
        size: Height and width of its colour picture.
        points: int64 `[m]`: the points seen, rising.
        pixels: int64 `[m]`: row * width + column in the colour picture.
    """

    view: int
    size: tuple[int, int]
    points: Tensor
    pixels: Tensor


def look(frame: Frame, positions: Tensor, tolerance: float) -> Look:
    """The points that a frame sees, and their colour pixels.

    Args:
        frame: The frame; its depth map is read. Without one, points hide each other.
        positions: float32 `[n, 3]` in the world.
        tolerance: The most that a point's depth may differ from the measured one, metres.
    """
    color = frame.camera
    if frame.frames.depth[frame.row] is None:
        found = _not_hidden(in_picture(positions, color), color, tolerance)
    else:
        found = seen(positions, frame.depth_camera, frame.depth(), tolerance)
        if not _same_view(frame):
            inside = in_picture(positions[found.points], color)
            found = Projected(found.points[inside.points], inside.pixels, inside.depth)
    return Look(frame.row, color.size, found.points, found.pixels)


def looks(
    frames: Frames, positions: Tensor, tolerance: float, rows: Iterable[int] | None = None
) -> Iterator[Look]:
    """Looks at a scene from frame after frame.

    Args:
        frames: The frames.
        positions: float32 `[n, 3]`.
        tolerance: As in `look`.
        rows: Only these frames; all if None.
    """
    in_columns = positions.T.contiguous().T  # the same points; projection reads them in order
    for row in range(len(frames)) if rows is None else rows:
        yield look(frames[row], in_columns, tolerance)


class Seen:
    """Which views see each point of a scene, a bit each.

    Args:
        looks: Looks from the views that may be asked about.
        total: Points of the scene.
        views: How many views there are.
    """

    def __init__(self, looks: Iterable[Look], total: int, views: int) -> None:
        self.views = views
        self._bits = np.zeros((total, -(-views // 8)), dtype=np.uint8)
        for one in looks:
            byte, bit = divmod(one.view, 8)
            self._bits[one.points.cpu().numpy(), byte] |= np.uint8(1 << bit)

    def counts(self, instances: Instances3D) -> Tensor:
        """How many points of each object each view sees.

        Args:
            instances: k objects.

        Returns:
            int32 `[k, views]`.
        """
        found = np.zeros((len(instances), self.views), dtype=np.int32)
        step = max(1, TABLE // max(len(self._bits), 1) // 8)
        parts = blocks(instances.sizes)
        for byte in range(0, self._bits.shape[1], step):
            columns = slice(8 * byte, min(8 * (byte + step), self.views))
            some = np.unpackbits(self._bits[:, byte : byte + step], axis=1, bitorder="little")
            table = some[:, : columns.stop - columns.start].astype(np.float32)
            for rows in parts:
                found[rows, columns] = incidence(instances, rows, np.float32) @ table
        return torch.from_numpy(found).to(instances.points.device)

    def among(self, instances: Instances3D, asked: Tensor) -> Tensor:
        """How many of an object's own views see each of its points.

        Args:
            instances: k objects.
            asked: bool `[k, views]`: the views that are asked about each object.

        Returns:
            int64, as `instances.points`.
        """
        own = np.packbits(asked.cpu().numpy(), axis=1, bitorder="little")
        points, ends = instances.points.cpu().numpy(), instances.ends.cpu().numpy()
        found = np.zeros(len(points), dtype=np.int64)
        step = max(1, TABLE // max(own.shape[1], 1))
        for start in range(0, len(points), step):
            part = slice(start, min(start + step, len(points)))
            owners = np.searchsorted(ends, np.arange(part.start, part.stop), side="right")
            found[part] = np.bitwise_count(self._bits[points[part]] & own[owners]).sum(axis=1)
        return torch.from_numpy(found).to(instances.points.device)


def evidence(views: InstanceViews, names: tuple[str, ...], top: int) -> Sightings:
    """The views that show most of each object, as its evidence.

    Args:
        views: How much each view shows.
        names: Names of the views.
        top: The most views an object has.
    """
    order = views.visible.argsort(dim=1, descending=True, stable=True)[:, :top]
    counts = views.visible.gather(1, order)
    instances, places = (counts > 0).nonzero(as_tuple=True)
    chosen = order[instances, places]
    most = counts.sum(dim=1).clamp(min=1)
    return Sightings(
        instances,
        chosen,
        views.boxes[instances, chosen],
        torch.full_like(instances, -1),
        (counts / most[:, None])[instances, places],
        names,
    )


def nearest_seen(one: Look, longest_side: int) -> tuple[Tensor, int]:
    """The point nearest to each cell of a picture, a cell being a square of pixels.

    Points of a scan lie pixels apart, so the pixels they fall on are no mask; the pixels that are
    nearest to them are, whatever the distance between points.

    Args:
        one: What the view sees.
        longest_side: Cells of the picture's longer side, at most.

    Returns:
        int64 `[h', w']`: a point of the scene each, -1 if the view sees none; and the side of a
        cell in pixels.
    """
    height, width = one.size
    side = -(-max(height, width) // longest_side)
    grid = torch.full((-(-height // side), -(-width // side)), -1, dtype=torch.int64)
    pixels = one.pixels.cpu()
    grid[pixels // width // side, pixels % width // side] = one.points.cpu()
    rows, columns = distance_transform_edt(
        grid.numpy() < 0, return_distances=False, return_indices=True
    )
    return grid[torch.from_numpy(rows).long(), torch.from_numpy(columns).long()], side


def nearest_of(nearest: Tensor, side: int, box: list[int], members: Tensor) -> Tensor:
    """The pixels of a box whose nearest seen point is a member.

    Args:
        nearest: int64 `[h', w']`, as from `nearest_seen`.
        side: As from `nearest_seen`.
        box: xyxy pixels, within the picture.
        members: bool, a row a point of the scene.

    Returns:
        bool `[bottom - top, right - left]`.
    """
    left, top, right, bottom = box
    rows = torch.arange(top, bottom) // side
    columns = torch.arange(left, right) // side
    there = nearest[rows[:, None], columns]
    return members[there] & (there >= 0)


def _same_view(frame: Frame) -> bool:
    """Whether depth and colour have the same pixels."""
    color, depth = frame.camera, frame.depth_camera
    if color.size != depth.size:
        return False
    return bool(torch.allclose(scale_k(depth.k, depth.size, color.size), color.k, atol=1e-3))


def _not_hidden(inside: Projected, camera: Camera, tolerance: float) -> Projected:
    """Drops points that lie behind others in cells of a few pixels."""
    height, width = camera.size
    columns = -(-width // CELL)
    cell = (inside.pixels // width // CELL) * columns + inside.pixels % width // CELL
    nearest = torch.full((columns * -(-height // CELL),), torch.inf, device=cell.device)
    nearest.scatter_reduce_(0, cell, inside.depth, "amin")
    front = inside.depth <= nearest[cell] + tolerance
    return Projected(*(column[front] for column in inside))
