"""Vectors of many numbers on a plane: the two directions in which they differ most (PCA)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Plane:
    """Vectors on a plane.

    Attributes:
        xy: float64 `[n, 2]`.
        share: Part of the variance that the plane keeps, from 0 to 1.
    """

    xy: NDArray[np.float64]
    share: float


def plane(vectors: Tensor) -> Plane:
    """Puts vectors on the plane of their first two principal components.

    Args:
        vectors: float `[n, d]`, at least two of at least two numbers.
    """
    values = vectors.detach().cpu().numpy().astype(np.float64)
    centred = values - values.mean(axis=0)
    _, lengths, directions = np.linalg.svd(centred, full_matrices=False)
    total = float((lengths**2).sum()) or 1.0
    return Plane(centred @ directions[:2].T, float((lengths[:2] ** 2).sum()) / total)
