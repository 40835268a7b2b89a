"""COCO instance AP and AR, and boundary AP, which changes only how a pair is compared.

Twelve numbers as `pycocotools` prints them, plus the per-class AP. Sources: Lin et al., "Microsoft
COCO", 2014; boundary-iou-api for boundary AP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg_evals.coco_eval import BoundaryEval, InstanceEval


class CocoTally:
    """AP of matched images; a unit is an image, its score its own AP."""

    unit_score_name = "AP of the image"

    def __init__(self, evaluation: InstanceEval, *, by_class: bool) -> None:
        self._evaluation = evaluation
        self._by_class = by_class
        evaluation.match()
        self.units = [str(one) for one in evaluation.params.imgIds]

    @cached_property
    def unit_scores(self) -> NDArray[np.float64]:
        """AP of each image alone, `float64 [n]`."""
        return np.array([self.scores(np.array([row]))["AP"] for row in range(len(self.units))])

    def scores(self, rows: NDArray[np.int64] | None = None) -> dict[str, Any]:
        """The official names; see `coco_instances`."""
        self._evaluation.select(np.arange(len(self.units)) if rows is None else rows)
        return _scores(self._evaluation, by_class=self._by_class)


def tally_instances(
    truth: Mapping[str, Any],
    results: Sequence[Mapping[str, Any]],
    *,
    by_class: bool = True,
    boundary: bool = False,
) -> CocoTally:
    """Matches instance masks.

    Args:
        truth: A COCO data set: `images`, `annotations`, `categories`.
        results: COCO results with `image_id`, `category_id`, `segmentation` (compressed run
            lengths) and `score`; may be empty, which is AP 0.
        by_class: False compares masks whatever their category.
        boundary: Boundary AP.

    Returns:
        The counts; scores are fractions `AP`, `AP50`, `AP75`, `APs`, `APm`, `APl`, `AR1`, `AR10`,
        `AR100`, `ARs`, `ARm`, `ARl`, -1 where there is no truth to average over, and `per_class` by category id.
    """
    kind = BoundaryEval if boundary else InstanceEval
    return CocoTally(kind(truth, results, by_class=by_class), by_class=by_class)


def _scores(evaluation: InstanceEval, *, by_class: bool) -> dict[str, Any]:
    mean = evaluation.average
    scores: dict[str, Any] = {
        "AP": mean("precision"),
        "AP50": mean("precision", threshold=0.5),
        "AP75": mean("precision", threshold=0.75),
    }
    areas = {"s": "small", "m": "medium", "l": "large"}
    scores |= {f"AP{key}": mean("precision", area=area) for key, area in areas.items()}
    for place, most in enumerate(evaluation.params.maxDets):
        scores[f"AR{most}"] = mean("recall", detections=place)
    scores |= {f"AR{key}": mean("recall", area=area) for key, area in areas.items()}
    if by_class:
        precision = evaluation.eval["precision"][:, :, :, 0, -1]
        scores["per_class"] = {
            int(category): float(np.mean(precision[:, :, place]))
            for place, category in enumerate(evaluation.params.catIds)
        }
    return scores
