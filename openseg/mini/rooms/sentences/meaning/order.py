"""Which of some things comes first: superlatives, distances and ordinals, only if it is clear."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from openseg.mini.rooms.sentences.meaning.forms import Quality, Side
from openseg.mini.rooms.sentences.meaning.geometry import Floats, Space

_SIDEWAYS = 0.05  # of the picture's width
_HEIGHT = 0.12  # metres
_BIGGER, _TALLER, _NEARER, _DISTANCE = 1.2, 1.15, 1.12, 1.25


@dataclass(frozen=True)
class Measure:
    """A value of each thing, and by how much the most must beat the others.

    Attributes:
        values: The values, [n].
        factor: How many times any other value the most must be.
        margin: How much more than that.
    """

    values: Floats
    factor: float = 1.0
    margin: float = 0.0

    def won_by(self, winner: int, others: Sequence[int]) -> bool:
        """Whether a thing clearly has the most."""
        most = float(self.values[winner])
        return all(most >= self.factor * self.values[k] + self.margin for k in others)


def measures(space: Space, quality: Quality) -> list[Measure]:
    """What the winner must win in: the quality in the world, and that the picture agrees.

    Args:
        space: Where things are; it must have a picture for the picture's qualities.
        quality: The quality.
    """
    shown = space.sight is not None
    boxes = space.boxes if shown else np.zeros((len(space.things), 4))
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    extent = np.array([t.extent for t in space.things])
    if quality in {"largest", "smallest"}:
        found = [Measure(np.cbrt(extent.prod(axis=1)), _BIGGER)]
        found += [Measure(width * height)] if shown else []
        return found if quality == "largest" else _least(found)
    if quality in {"tallest", "shortest"}:
        found = [Measure(extent[:, 2], _TALLER)]
        found += [Measure(height)] if shown else []
        return found if quality == "tallest" else _least(found)
    if quality in {"highest", "lowest"}:
        sign = 1 if quality == "highest" else -1
        found = [Measure(sign * space.middle[:, 2], margin=_HEIGHT)]
        return found + ([Measure(-sign * (boxes[:, 1] + boxes[:, 3]))] if shown else [])
    if quality in {"leftmost", "rightmost"}:
        sign, edge = (-1, 0) if quality == "leftmost" else (1, 2)
        middle = sign * (boxes[:, 0] + boxes[:, 2]) / 2
        return [Measure(middle, margin=_margin(space)), Measure(sign * boxes[:, edge])]
    distance = np.linalg.norm(space.middle - space.eye, axis=1)
    found = [Measure(distance, _NEARER)]
    return found if quality == "farthest" else _least(found)


def _least(found: list[Measure]) -> list[Measure]:
    return [Measure(1 / np.maximum(m.values, 1e-9), m.factor) for m in found]


def _margin(space: Space) -> float:
    return _SIDEWAYS * space.sight.camera.width if space.sight is not None else 0.0


def winner(found: Sequence[Measure], candidates: Sequence[int]) -> int | None:
    """The candidate that wins in all measures; None if none does clearly."""
    best = max(candidates, key=lambda k: float(found[0].values[k]))
    others = [k for k in candidates if k != best]
    return best if all(m.won_by(best, others) for m in found) else None


def by_distance(space: Space, landmark: int) -> list[Measure]:
    """Measures of being far from a landmark."""
    return [Measure(space.distance[landmark], _DISTANCE), Measure(space.gap[landmark])]


def by_nearness(space: Space, landmark: int) -> list[Measure]:
    """Measures of being near to a landmark."""
    near = 1 / np.maximum(space.distance[landmark], 1e-6)
    return [Measure(near, _DISTANCE), Measure(-space.gap[landmark])]


def in_order(space: Space, side: Side, candidates: Sequence[int]) -> list[int] | None:
    """The candidates counted from a side of the picture; None if two are about as far along."""
    x = (space.boxes[:, 0] + space.boxes[:, 2]) / 2
    order = sorted(candidates, key=lambda k: float(x[k]))
    steps = [x[b] - x[a] for a, b in pairwise(order)]
    if any(step < _margin(space) for step in steps):
        return None
    return order if side == "left" else order[::-1]
