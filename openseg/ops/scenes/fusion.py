"""A cloud from posed depth: what all frames measured, one point a small cube.

Each cube's point is the mean of what fell into it. Memory is that of the cubes and one frame.
"""

from __future__ import annotations

import torch
from torch import Tensor

from openseg.ops.geometry import invert_pose, unproject
from openseg.types import Camera, Frame, Frames, PointCloud

_RANGE = 1 << 20
"""Cubes are numbered up to this far from the origin along each axis."""

WAITING = 1 << 20
"""Cubes of frames that may wait to be joined with those of others: about 90 MB."""


def fuse(frames: Frames, cube: float, max_depth: float, min_frames: int = 1) -> PointCloud:
    """Fuses what frames measured.

    Args:
        frames: The frames; those without depth add nothing.
        cube: Side of a cube, metres.
        max_depth: Farther measurements are left out, metres.
        min_frames: Cubes that fewer frames saw are left out.

    Returns:
        The cloud, with normals that face the cameras; cubes in a fixed order.
    """
    device = frames.poses.device
    keys = torch.zeros(0, dtype=torch.int64, device=device)
    sums = torch.zeros(0, 10, dtype=torch.float64, device=device)
    waiting: list[tuple[Tensor, Tensor]] = []
    for frame in frames:
        if frame.frames.depth[frame.row] is None:
            continue
        waiting.append(_measured(frame, cube, max_depth))
        # Joined when they are half as many as the cubes so far: each cube is sorted a few times,
        # not once a frame.
        if sum(len(new) for new, _ in waiting) > max(WAITING, len(keys) // 2):
            keys, sums = _joined([(keys, sums), *waiting])
            waiting = []
    keys, sums = _joined([(keys, sums), *waiting])
    sums = sums[sums[:, 9] >= min_frames]
    # A frame adds means, so that a cube's share in one frame does not depend on how near it was.
    mean = sums[:, :9] / sums[:, 9:]
    normals = torch.nn.functional.normalize(mean[:, 6:9], dim=1)
    flat = normals.norm(dim=1) < 0.5  # views from all sides: none is right
    normals[flat] = normals.new_tensor([0.0, 0, 1])
    return PointCloud(
        mean[:, :3].float(), mean[:, 3:6].round().clamp(0, 255).to(torch.uint8), normals.float()
    )


def _joined(parts: list[tuple[Tensor, Tensor]]) -> tuple[Tensor, Tensor]:
    """The cubes of all parts, each once, rising, and the sums of their rows."""
    every, place = torch.unique(torch.cat([keys for keys, _ in parts]), return_inverse=True)
    rows = torch.cat([sums for _, sums in parts])
    found = torch.zeros(len(every), 10, dtype=torch.float64, device=rows.device)
    return every, found.index_add_(0, place, rows)


def _measured(frame: Frame, cube: float, max_depth: float) -> tuple[Tensor, Tensor]:
    """Cubes of one frame, and the mean position, colour and normal in each with a count of 1."""
    depth, camera = frame.depth(), frame.depth_camera
    normals = _normals(depth, camera)
    depth = torch.where((depth <= max_depth) & (normals.norm(dim=2) > 0), depth, 0)
    points, pixels = unproject(depth, camera)
    colors = _colors(frame, points)
    facing = normals.reshape(-1, 3)[pixels] @ camera.pose[:3, :3].T
    cubes = (points.double() / cube).floor().long() + _RANGE // 2
    key = (cubes[:, 0] * _RANGE + cubes[:, 1]) * _RANGE + cubes[:, 2]
    keys, place, counts = torch.unique(key, return_inverse=True, return_counts=True)
    rows = torch.cat([points, colors, facing], dim=1).double()
    sums = torch.zeros(len(keys), 9, dtype=torch.float64, device=rows.device)
    means = sums.index_add_(0, place, rows) / counts[:, None]
    return keys, torch.cat([means, torch.ones_like(means[:, :1])], dim=1)


def _colors(frame: Frame, points: Tensor) -> Tensor:
    """The colour at each point, float32 `[m, 3]`; the nearest pixel's beyond the picture's edge."""
    pixels, camera = frame.image().pixels, frame.camera
    local = points @ camera.pose[:3, :3] + invert_pose(camera.pose)[:3, 3]
    scaled = local @ camera.k.T
    height, width = camera.size
    x = (scaled[:, 0] / scaled[:, 2]).round().long().clamp(0, width - 1)
    y = (scaled[:, 1] / scaled[:, 2]).round().long().clamp(0, height - 1)
    return pixels[:, y, x].T.float()


def _normals(depth: Tensor, camera: Camera) -> Tensor:
    """Normals in the camera's axes, facing it, float32 `[h, w, 3]`; 0 where depth breaks off."""
    height, width = depth.shape
    rows = torch.arange(height, device=depth.device, dtype=depth.dtype)
    columns = torch.arange(width, device=depth.device, dtype=depth.dtype)
    y, x = torch.meshgrid(rows, columns, indexing="ij")
    rays = torch.stack([x, y, torch.ones_like(x)], dim=2) @ camera.k.inverse().T
    points = rays * depth[..., None]
    normals = torch.zeros_like(points)
    if height < 3 or width < 3:
        return normals
    right = points[1:-1, 2:] - points[1:-1, :-2]
    down = points[2:, 1:-1] - points[:-2, 1:-1]
    around = [depth[1:-1, 2:], depth[1:-1, :-2], depth[2:, 1:-1], depth[:-2, 1:-1]]
    middle = depth[1:-1, 1:-1]
    jump = torch.stack([(one - middle).abs() for one in around]).amax(dim=0)
    whole = (torch.stack(around).amin(dim=0) > 0) & (middle > 0) & (jump < 0.1 * middle)
    normals[1:-1, 1:-1] = (
        torch.nn.functional.normalize(torch.linalg.cross(down, right, dim=2), dim=2)
        * whole[..., None]
    )
    return normals
