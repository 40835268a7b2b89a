"""Pointing game: does the strongest point of a map fall on the object, give or take 15 pixels.

Zhang et al., "Top-down neural attention by excitation backprop", 2016; the disc is TorchRay's
(distance below the tolerance). Beside it the chance of a random pixel, which the tolerance raises.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

TOLERANCE = 15


def distance_to(mask: NDArray[np.bool_], x: float, y: float) -> float:
    """Distance in pixels from a point to the nearest pixel of the mask; infinite if it is empty.

    Args:
        mask: bool `[h, w]`.
        x: Column of the point, pixel centres being whole numbers.
        y: Row of the point.
    """
    rows, columns = np.nonzero(mask)
    if not rows.size:
        return float("inf")
    return float(np.sqrt(((rows - y) ** 2 + (columns - x) ** 2).min()))


def chance(mask: NDArray[np.bool_], tolerance: float = TOLERANCE) -> float:
    """Share of the image's pixels that would be a hit."""
    if not mask.any():
        return 0.0
    return float((ndimage.distance_transform_edt(~mask) < tolerance).mean())


def pointing_game(
    hits: NDArray[np.bool_], classes: NDArray[np.int64], chances: NDArray[np.float64]
) -> dict[str, Any]:
    """Scores a set of points.

    Args:
        hits: Whether each point hit, `bool [n]`.
        classes: The class it was meant for, `int64 [n]`.
        chances: The share of pixels that would have hit, `float64 [n]`.

    Returns:
        Fractions: `accuracy`, hits over points; `mean accuracy`, the mean over the classes that
        occur; `area chance`, the mean of `chances`; `hits`, `misses` and `per_class`. None
        without points.
    """
    if not len(hits):
        return {"accuracy": None, "mean accuracy": None, "area chance": None, "hits": 0}
    names, inverse = np.unique(classes, return_inverse=True)
    right = np.bincount(inverse, weights=hits, minlength=len(names))
    per_class = right / np.bincount(inverse, minlength=len(names))
    return {
        "accuracy": float(hits.mean()),
        "mean accuracy": float(per_class.mean()),
        "area chance": float(chances.mean()),
        "hits": int(hits.sum()),
        "misses": int((~hits).sum()),
        "per_class": {int(name): float(one) for name, one in zip(names, per_class, strict=True)},
    }
