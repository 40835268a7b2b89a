"""What objects look like in a picture: each pixel belongs to the nearest point that is seen there.

Points of a scan lie pixels apart, so the pixels they fall on are no mask; this is one, whatever the
distance between points, without asking a segmenter.
"""

from __future__ import annotations

import torch
from scipy.ndimage import distance_transform_edt
from torch import Tensor

from openseg.ops.scenes.looking import Look


def nearest_seen(one: Look, longest_side: int) -> tuple[Tensor, int]:
    """The point nearest to each cell of a picture, a cell being a square of pixels.

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


def inside(nearest: Tensor, side: int, box: list[int], members: Tensor) -> Tensor:
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
