"""Regions as `supervision.Detections`, for those who draw, track or filter with supervision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from openseg.types.errors import MissingExtraError

if TYPE_CHECKING:
    from torch import Tensor


def detections(
    masks: Tensor,
    boxes: Tensor,
    scores: Tensor,
    class_ids: Sequence[int],
    phrases: Sequence[str],
) -> Any:
    """Brings aligned columns into supervision's value type.

    Args:
        masks: bool `[n, h, w]`.
        boxes: float32 `[n, 4]`, xyxy in pixels.
        scores: float32 `[n]`.
        class_ids: The class of each region.
        phrases: The phrase of each region; becomes `data["class_name"]`, which supervision's
            annotators write.

    Returns:
        A `supervision.Detections`.

    Raises:
        MissingExtraError: If supervision is not installed.
    """
    try:
        from supervision import Detections
    except ImportError as error:
        fix = "pip install 'openseg[supervision]'"
        raise MissingExtraError("supervision is not installed", fix=fix) from error
    return Detections(
        xyxy=boxes.cpu().numpy(),
        mask=masks.cpu().numpy(),
        confidence=scores.cpu().numpy(),
        class_id=np.array(class_ids, dtype=int),
        data={"class_name": np.array(phrases, dtype=str)},
    )
