"""What several tests of `openseg.io` start from: regions with holes, and a record of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from openseg.io.rle import encode_masks


@dataclass(frozen=True)
class Region:
    phrase: str
    class_id: int
    score: float
    box: tuple
    segmentation: dict


@dataclass(frozen=True)
class Record:
    image: str
    size: tuple
    regions: tuple = ()
    error: str | None = None


def ring(height, width, centre, outer, inner):
    """A disc with a hole."""
    y, x = np.mgrid[:height, :width]
    distance = np.hypot(y - centre[0], x - centre[1])
    return (distance < outer) & (distance >= inner)


def masks_with_holes(height=60, width=80):
    """bool `[3, h, w]`: a ring, two parts cut by the image's edge, a frame around everything."""
    frame = np.ones((height, width), bool)
    frame[3:-3, 3:-3] = False
    parts = ring(height, width, (0, 0), 12, 5) | ring(height, width, (height, width), 9, 0)
    return np.stack([ring(height, width, (30, 40), 20, 8), parts, frame])


def record_of(image, masks, phrases, class_ids=None, scores=None, boxes=None):
    """The record of the given masks."""
    n = len(masks)
    columns = zip(
        phrases,
        class_ids or range(n),
        scores or [0.5] * n,
        boxes or [(0.0, 0.0, 10.0, 10.0)] * n,
        encode_masks(masks),
        strict=True,
    )
    return Record(str(image), masks.shape[1:], tuple(Region(*column) for column in columns))
