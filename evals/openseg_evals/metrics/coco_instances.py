"""COCO instance AP and AR, and boundary AP, which changes only how a pair is compared.

Twelve numbers as `pycocotools` prints them, plus the per-class AP. Sources: Lin et al., "Microsoft
COCO", 2014; boundary-iou-api for boundary AP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg_evals.coco_eval import BoundaryEval, InstanceEval
from openseg_evals.instance_tally import InstanceTally, mean


class CocoTally(InstanceTally):
    """Matched images; a unit is an image, its score its own AP."""

    def scores(self, rows: NDArray[np.int64] | None = None) -> dict[str, Any]:
        """The official names; see `tally_instances`."""
        precision = self.precision(rows)
        recalls = self.average_recalls(rows)
        scores: dict[str, Any] = self.average_precisions(precision)
        scores |= {f"AR{key}": value for key, value in recalls.items()}
        if self.categories != [-1]:
            per_class = zip(self.categories, precision[0], strict=True)
            scores["per_class"] = {category: mean(values) for category, values in per_class}
        return scores


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
        `AR100`, `ARs`, `ARm`, `ARl`, -1 where there is no truth to average over, and `per_class` by
        category id.
    """
    kind = BoundaryEval if boundary else InstanceEval
    return CocoTally(kind(truth, results, by_class=by_class))
