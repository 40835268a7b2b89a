"""Which frames of a recording are worth looking at: neighbours in time show nearly the same."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from openseg.ops.scenes.looking import look
from openseg.types import Frames


def by_motion(poses: Tensor, distance: float, angle: float) -> list[int]:
    """Frames between which the camera has moved.

    Args:
        poses: float32 `[n, 4, 4]`, camera to world.
        distance: Metres of movement after which a frame is kept.
        angle: Degrees of turning after which a frame is kept.

    Returns:
        Rows, rising; the first frame is always kept.
    """
    kept: list[int] = []
    limit = math.cos(math.radians(angle))
    for row, pose in enumerate(poses.double().cpu()):
        if kept:
            last = poses[kept[-1]].double().cpu()
            moved = float((pose[:3, 3] - last[:3, 3]).norm())
            turned = (float((pose[:3, :3] * last[:3, :3]).sum()) - 1) / 2
            if moved < distance and turned > limit:
                continue
        kept.append(row)
    return kept


def by_coverage(
    frames: Frames, positions: Tensor, tolerance: float, count: int, views: int
) -> list[int]:
    """Frames that together see the most points, chosen greedily.

    A point counts until it was seen often enough. What a frame would add only falls as others are
    chosen, so most frames are looked at once (Minoux's lazy greedy choice).

    Args:
        frames: The frames.
        positions: float32 `[n, 3]`: points to be seen.
        tolerance: The most that a point's depth may differ from the measured one, metres.
        count: The most frames chosen.
        views: How often each point should be seen.

    Returns:
        Rows, rising. Frames that add nothing are not chosen.
    """
    wanted = torch.full((len(positions),), views, dtype=torch.int64, device=positions.device)
    seen = [look(frame, positions, tolerance).points.to(torch.int32) for frame in frames]
    gains = [len(points) for points in seen]
    chosen: list[int] = []
    while len(chosen) < min(count, len(frames)):
        while True:
            best = max(range(len(gains)), key=gains.__getitem__)
            gain = int((wanted[seen[best].long()] > 0).sum()) if gains[best] > 0 else 0
            if gain == gains[best]:
                break
            gains[best] = gain
        if gains[best] <= 0:
            break
        wanted[seen[best].long()] -= 1
        wanted.clamp_(min=0)
        chosen.append(best)
        gains[best] = -1
    return sorted(chosen)
