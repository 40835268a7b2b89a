"""Boundary IoU: overlap of the bands inside two masks' outlines (Cheng et al., CVPR 2021).

Boundary AP and boundary PQ lie with AP and PQ, of which they change the comparison of a pair.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openseg_evals.boundaries import RATIO, mask_boundary


def boundary_counts(
    first: NDArray[np.bool_], second: NDArray[np.bool_], ratio: float = RATIO
) -> tuple[int, int]:
    """Pixels in the intersection and the union of the boundaries of two masks, bool `[h, w]`."""
    a, b = mask_boundary(first, ratio), mask_boundary(second, ratio)
    return int((a & b).sum()), int((a | b).sum())


def ious(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """IoU of pairs of intersection and union, `int64 [n, 2]`; 0 of two empty masks."""
    ratios: NDArray[np.float64] = counts[:, 0] / np.maximum(counts[:, 1], 1)
    return ratios


def boundary(overlaps: NDArray[np.int64], bands: NDArray[np.int64]) -> dict[str, float | None]:
    """Scores a set of pairs of masks.

    Args:
        overlaps: Pixels in the intersection and the union of each pair, `int64 [n, 2]`.
        bands: The same of their boundaries.

    Returns:
        Means over the pairs, as fractions: `IoU`, `Boundary IoU` and `min`, the lower of the two
        for each pair. A pair of empty masks counts 0. None without pairs.
    """
    names = ("IoU", "Boundary IoU", "min")
    if not len(overlaps):
        return dict.fromkeys(names)
    iou, band = ious(overlaps), ious(bands)
    return {
        name: float(values.mean())
        for name, values in zip(names, (iou, band, np.minimum(iou, band)), strict=True)
    }
