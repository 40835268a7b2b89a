"""How two regions stand to each other in a picture: left of, on, behind, beside, part of ...

Each relation gives a number from 0 to 1 for every pair. A picture has no depth: of two things on
one floor the one behind stands higher in the picture of a level camera.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

_MEANINGS = (
    ("between", {"between", "halfway"}),
    ("nearest", {"closest", "nearest"}),
    ("farthest", {"farthest", "furthest", "far", "away"}),
    ("left", {"left"}),
    ("right", {"right"}),
    ("behind", {"behind"}),
    ("front", {"front", "before"}),
    ("under", {"under", "below", "beneath", "underneath"}),
    ("above", {"above", "over"}),
    ("has", {"with", "has", "have", "having", "without", "whose"}),
    ("part", {"of", "s"}),
    ("inside", {"in", "inside", "into", "within"}),
    ("on", {"on", "atop", "upon", "top"}),
    ("is", {"other", "except", "but"}),
)
"""What the words of a link mean; the first row that has one of them counts, else "next"."""

_STEP = 0.08
"""Ours: share of the pair's mean side within which a border counts as touched."""


def meaning_of(link: str) -> str:
    """What linking words mean: a name that `held` knows, `between`, `nearest`, `farthest`, `is`."""
    words = set(re.findall(r"\w+", re.sub(r"\bright (?=next|beside)", "", link.lower())))
    return next((name for name, known in _MEANINGS if words & known), "next")


def held(a: Tensor, b: Tensor, meaning: str) -> Tensor:
    """How far each of some regions stands so to each of others.

    Args:
        a: float32 `[n, 4]` boxes.
        b: float32 `[m, 4]` boxes.
        meaning: What `meaning_of` gave, of one landmark.

    Returns:
        float32 `[n, m]` in [0, 1].
    """
    return _HELD.get(meaning, _next)(a, b)


def held_to(boxes: Tensor, fit: Tensor, meaning: str) -> Tensor:
    """How far each region stands so to another one that fits a landmark, `[n]`.

    Args:
        boxes: float32 `[n, 4]`.
        fit: How well each region fits the landmark, `[n]` in [0, 1].
        meaning: What `meaning_of` gave.
    """
    pairs = held(boxes, boxes, meaning) * fit[None]
    return pairs.fill_diagonal_(0).amax(dim=1)


def held_between(boxes: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """How far each region stands between two others that fit two landmarks, `[n]`.

    Args:
        boxes: float32 `[n, 4]`.
        first: How well each region fits the first landmark, `[n]`; of one landmark named in the
            plural both are the same.
        second: The other.
    """
    same = torch.eye(len(boxes), dtype=torch.bool, device=boxes.device)
    triples = between(boxes, boxes, boxes) * first[None, :, None] * second[None, None]
    triples = triples.masked_fill(same[:, :, None] | same[:, None] | same[None], 0)
    return triples.flatten(1).amax(dim=1)


def extreme(boxes: Tensor, rivals: Tensor, fit: Tensor, meaning: str) -> Tensor:
    """Which of some regions is nearest to the best landmark, or farthest: its fit, 0 elsewhere.

    Args:
        boxes: float32 `[n, 4]`, at least one.
        rivals: bool `[n]`: the regions that are compared; the landmark is none of them.
        fit: How well each region fits the landmark, `[n]`.
        meaning: `nearest` or `farthest`.
    """
    mark = int(fit.argmax())
    apart = distance(boxes, boxes[mark : mark + 1])[:, 0]
    allowed = rivals & (torch.arange(len(boxes), device=boxes.device) != mark)
    apart = torch.where(allowed, apart if meaning == "nearest" else -apart, torch.inf)
    picked = torch.zeros_like(fit)
    picked[apart.argmin()] = fit[mark]
    return picked * allowed


def between(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """How far regions are near the middle of the line between two others, `[n, m, l]`."""
    start, end = _middle(b)[None, :, None], _middle(c)[None, None]
    line = end - start
    length = line.norm(dim=-1).clamp(min=1.0)
    offset = _middle(a)[:, None, None] - start
    along = (offset * line).sum(dim=-1) / length**2
    way = (offset - along[..., None] * line).norm(dim=-1) / length
    return torch.exp(-((way / 0.5) ** 2) - ((along - 0.5) / 0.35) ** 2)


def distance(a: Tensor, b: Tensor) -> Tensor:
    """Pixels between the middles of regions, `[n, m]`."""
    return torch.cdist(_middle(a), _middle(b))


def _middle(boxes: Tensor) -> Tensor:
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def _offset(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """From the middle of `b` to that of `a`: to the right, and down."""
    way = _middle(a)[:, None] - _middle(b)[None]
    return way[..., 0], way[..., 1]


def _side(a: Tensor, b: Tensor) -> Tensor:
    """The mean side of both, pixels, `[n, m]`."""
    one, other = ((x[:, 2:] - x[:, :2]).mean(dim=1) for x in (a, b))
    return ((one[:, None] + other[None]) / 2).clamp(min=1.0)


def _gaps(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    apart = torch.maximum(a[:, None, :2] - b[None, :, 2:], b[None, :, :2] - a[:, None, 2:])
    x, y = apart.clamp(min=0).unbind(dim=-1)
    return x, y


def _within(a: Tensor, b: Tensor) -> Tensor:
    """Share of `a` inside of `b`."""
    sides = torch.minimum(a[:, None, 2:], b[None, :, 2:]) - torch.maximum(
        a[:, None, :2], b[None, :, :2]
    )
    area = (a[:, 2:] - a[:, :2]).clamp(min=1.0).prod(dim=1)
    return (sides.clamp(min=0).prod(dim=-1) / area[:, None]).clamp(max=1)


def _covered(a: Tensor, b: Tensor) -> Tensor:
    """Share of the width of `a` that lies over `b`."""
    width = torch.minimum(a[:, None, 2], b[None, :, 2]) - torch.maximum(
        a[:, None, 0], b[None, :, 0]
    )
    return (width.clamp(min=0) / (a[:, 2] - a[:, 0]).clamp(min=1.0)[:, None]).clamp(max=1)


def _smaller(a: Tensor, b: Tensor) -> Tensor:
    """Whether `a` is clearly smaller than `b`."""
    one, other = ((x[:, 2:] - x[:, :2]).clamp(min=1.0).prod(dim=1) for x in (a, b))
    return torch.sigmoid((0.85 - one[:, None] / other[None]) / 0.05)


def _sideways(a: Tensor, b: Tensor, way: int) -> Tensor:
    """To the right for `way` 1, to the left for -1; half as good straight above or below."""
    across, down = _offset(a, b)
    side = _side(a, b)
    flat = torch.sigmoid((across.abs() - down.abs()) / (0.25 * side))
    return torch.sigmoid(way * across / (_STEP * side)) * (0.5 + 0.5 * flat)


def _in_depth(a: Tensor, b: Tensor, way: int) -> Tensor:
    """Nearer for `way` 1, farther for -1, and in line with the other."""
    side = _side(a, b)
    foot = a[:, None, 3] - b[None, :, 3]
    return torch.sigmoid(way * foot / (_STEP * side)) * _in_line(a, b)


def _upright(a: Tensor, b: Tensor, way: int) -> Tensor:
    """Lower for `way` 1, higher for -1, in line with the other and not a part of it."""
    down = _offset(a, b)[1]
    apart = torch.sigmoid(way * down / (_STEP * _side(a, b)))
    return apart * _in_line(a, b) * (1 - _within(a, b))


def _on(a: Tensor, b: Tensor) -> Tensor:
    """Over the other, with its foot below the other's top and above the other's foot."""
    side = _side(a, b)
    foot = (b[None, :, 3] - a[:, None, 3]) / side
    reach = (a[:, None, 3] - b[None, :, 1]) / side
    held = torch.sigmoid(foot / _STEP) * torch.sigmoid((reach + _STEP) / _STEP)
    return _covered(a, b) * held


def _part(a: Tensor, b: Tensor) -> Tensor:
    return _within(a, b) * _smaller(a, b)


def _next(a: Tensor, b: Tensor) -> Tensor:
    x_gap, y_gap = _gaps(a, b)
    return torch.exp(-torch.hypot(x_gap, y_gap) / _side(a, b))


def _in_line(a: Tensor, b: Tensor) -> Tensor:
    """Whether the widths of two regions overlap."""
    return torch.exp(-_gaps(a, b)[0] / (0.5 * _side(a, b)))


_HELD: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "left": partial(_sideways, way=-1),
    "right": partial(_sideways, way=1),
    "behind": partial(_in_depth, way=-1),
    "front": partial(_in_depth, way=1),
    "above": partial(_upright, way=-1),
    "under": partial(_upright, way=1),
    "on": _on,
    "part": _part,
    "inside": _part,
    "has": lambda a, b: _part(b, a).T,
}
"""The relations to one landmark; all other words mean next to it."""
