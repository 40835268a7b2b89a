"""Grounded conversation (GranDf): masks of the phrases of a caption, by AP50, mIoU and recall.

AP is COCO's with one category and equal scores. mIoU pairs masks greedily and averages over the
pairs it finds. Recall asks that the phrases of a pair agree as well. Source: GLaMM
`eval/gcg/evaluate.py`; Rasheed et al., "GLaMM", CVPR 2024.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openseg_evals.coco_eval import InstanceEval
from openseg_evals.instance_tally import InstanceTally

MIN_IOU = 0.5
MIN_SIMILARITY = 0.5


class Grounding(NamedTuple):
    """What is kept of each image.

    Attributes:
        ious: Mean IoU of the pairs, `float64 [n]`; NaN for an image that has no caption.
        found: True phrases that were found, `int64 [n]`.
        phrases: True phrases, `int64 [n]`.
    """

    ious: NDArray[np.float64]
    found: NDArray[np.int64]
    phrases: NDArray[np.int64]


def mean_pair_iou(ious: NDArray[np.float64]) -> float:
    """Mean IoU of greedily chosen pairs of masks, 0 without any pair.

    Args:
        ious: `float64 [predictions, truths]`; NaN for two masks without a pixel, which, as
            officially, leaves the image without pairs.
    """
    left, found = ious.copy(), []
    while left.size and left.max() > 0:
        row, column = np.unravel_index(left.argmax(), left.shape)
        found.append(left[row, column])
        left = np.delete(np.delete(left, row, axis=0), column, axis=1)
    return float(np.mean(found)) if found else 0.0


def count_found(ious: NDArray[np.float64], similarities: NDArray[np.float64]) -> int:
    """True phrases that were found; mask k belongs to phrase k.

    The best pair of masks must reach `MIN_IOU` and its phrases `MIN_SIMILARITY`, then the next
    best of what is left; the first pair that fails ends the search, whatever comes after it. A
    pair that has a mask but no phrase spoils the whole image, as officially.

    Args:
        ious: `float64 [true masks, predicted masks]`.
        similarities: `float64 [true phrases, predicted phrases]`.
    """
    left, alike, found = ious.copy(), similarities.copy(), 0
    while left.size:
        row, column = np.unravel_index(left.argmax(), left.shape)
        if left[row, column] < MIN_IOU:
            break
        if row >= alike.shape[0] or column >= alike.shape[1]:
            return 0
        if alike[row, column] < MIN_SIMILARITY:
            break
        found += 1
        left[row, :] = left[:, column] = 0
        alike[row, :] = alike[:, column] = 0
    return found


class GroundedTally(InstanceTally):
    """Matched images; a unit is an image, its score the mean IoU of its pairs.

    Args:
        truth: A COCO data set of one category whose image ids are 0, 1, ...
        results: COCO results; may be empty, which is AP 0.
        images: The images' names, in order of their ids.
        grounding: What was counted of them.
    """

    unit_score_name = "mIoU of the image"

    def __init__(
        self,
        truth: Mapping[str, Any],
        results: Sequence[Mapping[str, Any]],
        images: Sequence[str],
        grounding: Grounding,
    ) -> None:
        super().__init__(InstanceEval(truth, results, by_class=True))
        self.units = list(images)
        self._grounding = grounding

    @cached_property
    def unit_scores(self) -> NDArray[np.float64]:
        """Mean IoU of the pairs of each image, `float64 [n]`: what the official mIoU averages."""
        return self._grounding.ious

    def scores(self, rows: NDArray[np.int64] | None = None) -> dict[str, float]:
        """The official names and fractions.

        Returns:
            `AP` and `AP50`, -1 without truth, `mIoU` and `Recall`, 0 without captions.
        """
        precision = self.average_precisions(self.precision(rows))
        chosen = slice(None) if rows is None else rows
        ious, found, phrases = (one[chosen] for one in self._grounding)
        captioned, asked = ious[~np.isnan(ious)], int(phrases.sum())
        return {
            "AP": precision["AP"],
            "AP50": precision["AP50"],
            "mIoU": float(captioned.mean()) if captioned.size else 0.0,
            "Recall": int(found.sum()) / asked if asked else 0.0,
        }
