"""AP and AR of any selection of images by COCO's matching: what COCO and LVIS tallies share."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg_evals.coco_eval import InstanceEval
from openseg_evals.tallies.average_precision import AveragePrecision, precision_of_images
from openseg_evals.tally import multiplicity

SIZES = {"s": "small", "m": "medium", "l": "large"}


class InstanceTally:
    """Matched images; a unit is an image, its score its own AP.

    Attributes:
        units: The images' ids in ascending order, as text.
        categories: The categories' ids in ascending order; a single -1 without categories.
        limits: Numbers of detections an image that recall is given for, ascending.
    """

    unit_score_name = "AP of the image"

    def __init__(self, evaluation: InstanceEval) -> None:
        self._matches = evaluation.match()
        self._precision = AveragePrecision(self._matches)
        params = evaluation.params
        self.units: list[str] = [str(one) for one in params.imgIds]
        self.categories: list[int] = [int(one) for one in params.catIds] if params.useCats else [-1]
        self.limits: list[int] = params.maxDets
        self._areas: list[str] = params.areaRngLbl
        self._thresholds: NDArray[np.float64] = params.iouThrs

    @cached_property
    def unit_scores(self) -> NDArray[np.float64]:
        """AP of each image, `float64 [n]`: 0 with detections only, NaN with nothing that counts."""
        return precision_of_images(self._matches, len(self.categories), len(self.units))

    def precision(self, rows: NDArray[np.int64] | None) -> NDArray[np.float64]:
        """AP of chosen images (all if None), `float64 [areas, categories, thresholds]`."""
        precision = self._precision.precision(self._weights(rows))
        return precision.reshape(len(self._areas), len(self.categories), -1)

    def average_precisions(self, precision: NDArray[np.float64]) -> dict[str, float]:
        """`AP`, `AP50`, `AP75`, `APs`, `APm`, `APl` of a table of `precision`."""
        scores = {"AP": mean(precision[0])}
        for percent in (50, 75):
            chosen = np.isclose(self._thresholds, percent / 100)
            scores[f"AP{percent}"] = mean(precision[0][:, chosen])
        for key, area in SIZES.items():
            scores[f"AP{key}"] = mean(precision[self._areas.index(area)])
        return scores

    def average_recalls(self, rows: NDArray[np.int64] | None) -> dict[str, float]:
        """AR by number of detections (`"10"`), and by size (`"s"`) for the highest number."""
        weights = self._weights(rows)
        scores = {}
        for most in self.limits:
            recall = self._precision.recall(weights, most)
            recall = recall.reshape(len(self._areas), len(self.categories), -1)
            scores[str(most)] = mean(recall[0])
        return scores | {key: mean(recall[self._areas.index(area)]) for key, area in SIZES.items()}

    def _weights(self, rows: NDArray[np.int64] | None) -> NDArray[np.int64]:
        chosen = np.arange(len(self.units)) if rows is None else rows
        return multiplicity(chosen, len(self.units))


def mean(values: NDArray[Any]) -> float:
    """Mean over what has truth (is not NaN); -1, as COCO writes it, where nothing has."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else -1.0
