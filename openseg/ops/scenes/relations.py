"""How two objects stand to each other in space: near, on, under, between, left of, and so on.

Each relation gives a number from 0 to 1 for every pair. Boxes are upright: their third axis is
against gravity, so that scenes of any orientation are judged alike.
"""

from __future__ import annotations

import torch
from torch import Tensor

from openseg.types import Frames, Instances3D

NEAR = 0.5
"""Metres of a gap at which "near" has fallen to about a third."""

TOUCH = 0.1
"""Metres within which one thing stands on another."""

TRIM = 0.02
"""Share of an object's points that may lie outside its box on each side: stray points."""


def upright(frames: Frames) -> Tensor:
    """A rotation into axes whose third points up, float32 `[3, 3]`; its rows are the new axes.

    People hold cameras level, so the mean of the cameras' up is up.
    """
    up = torch.nn.functional.normalize(-frames.poses[:, :3, 1].mean(dim=0), dim=0)
    helper = torch.eye(3, device=up.device)[int(up.abs().argmin())]
    first = torch.nn.functional.normalize(torch.linalg.cross(helper, up), dim=0)
    return torch.stack([first, torch.linalg.cross(up, first), up])


def boxes_of(instances: Instances3D, positions: Tensor, axes: Tensor) -> Tensor:
    """Upright boxes around objects.

    Args:
        instances: The objects.
        positions: float32 `[n, 3]`.
        axes: What `upright` gave.

    Returns:
        float32 `[k, 6]`: lowest, then highest coordinates; 0 for an object without points.
    """
    found = positions.new_zeros(len(instances), 6)
    for row in range(len(instances)):
        own = positions[instances.of(row)] @ axes.T
        if len(own):
            ends = torch.tensor([TRIM, 1 - TRIM], device=own.device)
            found[row] = torch.quantile(own, ends, dim=0).reshape(-1)
    return found


def gaps(a: Tensor, b: Tensor, axes: slice = slice(0, 3)) -> Tensor:
    """Shortest distances between boxes, metres, `[k, m]`; 0 where they touch.

    Args:
        a: float32 `[k, 6]`.
        b: float32 `[m, 6]`.
        axes: Which axes count.
    """
    apart = torch.maximum(a[:, None, :3] - b[None, :, 3:], b[None, :, :3] - a[:, None, 3:])
    distance: Tensor = apart.clamp(min=0)[..., axes].norm(dim=-1)
    return distance


def near(a: Tensor, b: Tensor) -> Tensor:
    """Whether `a` is near `b`, `[k, m]`."""
    return torch.exp(-gaps(a, b) / NEAR)


def on(a: Tensor, b: Tensor) -> Tensor:
    """Whether `a` stands or lies on `b`: its bottom at the top of `b`, over it."""
    step = (a[:, None, 2] - b[None, :, 5]).abs()
    return torch.exp(-step / TOUCH) * _over(a, b)


def above(a: Tensor, b: Tensor) -> Tensor:
    """Whether `a` is above `b`: higher, and over it."""
    higher = torch.sigmoid((_middle(a)[:, None, 2] - b[None, :, 5]) / TOUCH)
    return higher * torch.exp(-gaps(a, b, slice(0, 2)) / TOUCH)


def under(a: Tensor, b: Tensor) -> Tensor:
    """Whether `a` is under `b`: lower than its top, and below it."""
    lower = torch.sigmoid((b[None, :, 5] - a[:, None, 5]) / TOUCH)
    return lower * _over(a, b)


def inside(a: Tensor, b: Tensor) -> Tensor:
    """Share of the box of `a` in that of `b`."""
    sides = torch.minimum(a[:, None, 3:], b[None, :, 3:]) - torch.maximum(
        a[:, None, :3], b[None, :, :3]
    )
    whole = (a[:, 3:] - a[:, :3]).clamp(min=1e-3)
    return (sides.clamp(min=0) / whole[:, None]).clamp(max=1).prod(dim=-1)


def between(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """Whether `a` is between `b` and `c`: near the middle of the line from one to the other.

    Returns:
        `[k, m, l]`.
    """
    start, end = _middle(b)[None, :, None, :2], _middle(c)[None, None, :, :2]
    line = end - start
    length = line.norm(dim=-1).clamp(min=1e-3)
    offset = _middle(a)[:, None, None, :2] - start
    along = (offset * line).sum(dim=-1) / length**2
    across = (offset - along[..., None] * line).norm(dim=-1) / length
    return torch.exp(-((across / 0.35) ** 2) - ((along - 0.5) / 0.35) ** 2)


def beside(a: Tensor, b: Tensor, eye: Tensor, side: str) -> Tensor:
    """Whether `a` is left of, right of, in front of or behind `b`, seen from a place.

    Args:
        a: float32 `[k, 6]`.
        b: float32 `[m, 6]`.
        eye: float32 `[3]` in the boxes' axes: where one stands and looks at `b`.
        side: `left`, `right`, `front` or `behind`.
    """
    target = _middle(b)
    forward = torch.nn.functional.normalize((target - eye)[:, :2], dim=1)
    right = torch.stack([forward[:, 1], -forward[:, 0]], dim=1)
    way = {"left": -right, "right": right, "front": -forward, "behind": forward}[side]
    offset = (_middle(a)[:, None, :2] - target[None, :, :2]) * way[None]
    return torch.sigmoid(offset.sum(dim=-1) / 0.2) * torch.exp(-gaps(a, b) / (4 * NEAR))


def first_of(values: Tensor) -> Tensor:
    """How close each value comes to the largest one: 1 for it, falling with its own spread."""
    if not len(values):
        return values
    spread = (values.max() - values.min()).clamp(min=1e-6)
    return torch.exp(-4 * (values.max() - values) / spread)


def _over(a: Tensor, b: Tensor) -> Tensor:
    """Share of the base of `a` that lies over that of `b`."""
    sides = torch.minimum(a[:, None, 3:5], b[None, :, 3:5]) - torch.maximum(
        a[:, None, :2], b[None, :, :2]
    )
    base = (a[:, 3:5] - a[:, :2]).clamp(min=1e-3)
    return (sides.clamp(min=0) / base[:, None]).clamp(max=1).prod(dim=-1)


def _middle(boxes: Tensor) -> Tensor:
    return (boxes[:, :3] + boxes[:, 3:]) / 2
