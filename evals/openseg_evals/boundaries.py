"""The bands inside masks' outlines that boundary metrics compare (Cheng et al., CVPR 2021).

A band is as wide as 2 % of the image's diagonal; outside the image is background. Source:
boundary-iou-api `boundary_utils.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

RATIO = 0.02


def band_width(height: int, width: int, ratio: float = RATIO) -> int:
    """Pixels from the outline inwards: a share of the diagonal, rounded half to even, never 0."""
    return max(1, round(ratio * float(np.sqrt(height**2 + width**2))))


def mask_boundary(mask: NDArray[np.bool_], ratio: float = RATIO) -> NDArray[np.bool_]:
    """Pixels of the mask that lose contact with its inside when a square erodes it.

    Args:
        mask: bool `[h, w]`.
        ratio: Width of the band over the image's diagonal.

    Returns:
        bool `[h, w]`: a subset of the mask, not empty unless the mask is.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    boundary = np.zeros_like(mask)
    if not rows.size:
        return boundary
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = mask.shape
    window = 2 * band_width(height, width, ratio) + 1
    inside = ndimage.minimum_filter(
        mask[box].astype(np.uint8), size=window, mode="constant", cval=0
    )
    boundary[box] = mask[box] & (inside == 0)
    return boundary


def segment_boundaries(labels: NDArray[np.int64], ratio: float = RATIO) -> NDArray[np.bool_]:
    """The boundaries of all segments of a label map in one pass.

    Args:
        labels: Segment of each pixel, not negative, `int64 [h, w]`.
        ratio: Width of the band over the image's diagonal.

    Returns:
        bool `[h, w]`: true where the window around a pixel leaves its segment or the image.
    """
    height, width = labels.shape
    window = 2 * band_width(height, width, ratio) + 1
    low = ndimage.minimum_filter(labels, size=window, mode="constant", cval=-1)
    high = ndimage.maximum_filter(labels, size=window, mode="constant", cval=-1)
    mixed: NDArray[np.bool_] = low != high
    return mixed
