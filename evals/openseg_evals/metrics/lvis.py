"""LVIS instance AP: COCO's matching under federated annotation, 300 detections an image.

A detection counts only in images where its category is annotated or verified absent, and is not
wrong where the category is not annotated exhaustively. Source: lvis-api `eval.py`, `results.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg_evals.coco_eval import InstanceEval
from openseg_evals.instance_tally import SIZES, InstanceTally, mean

MAX_DETECTIONS = 300


class _LvisEval(InstanceEval):
    def __init__(self, truth: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> None:
        annotations = [one for one in truth["annotations"] if one["area"] > 0]
        super().__init__({**truth, "annotations": annotations}, _top(results), by_class=True)
        self.params.maxDets = [MAX_DETECTIONS]

    def _prepare(self) -> None:
        flags = {one["id"]: one.get("ignore", 0) for one in self.cocoGt.dataset["annotations"]}
        super()._prepare()
        for truths in self._gts.values():
            for one in truths:
                one["ignore"] = flags[one["id"]]
                one["iscrowd"] = 0
        images = self.cocoGt.dataset["images"]
        absent = {one["id"]: set(one["neg_category_ids"]) for one in images}
        self._partial = {one["id"]: set(one["not_exhaustive_category_ids"]) for one in images}
        known = defaultdict(
            list,
            {
                (image, category): [one for one in found if one["area"] > 0]
                for (image, category), found in self._dts.items()
                if self._gts.get((image, category)) or category in absent[image]
            },
        )
        self._dts = known

    def evaluateImg(  # noqa: N802 (overrides)
        self,
        imgId: int,  # noqa: N803
        catId: int,  # noqa: N803
        aRng: Sequence[float],  # noqa: N803
        maxDet: int,  # noqa: N803
    ) -> dict[str, Any] | None:
        """Matches one category in one image; what partial annotation may miss is not wrong."""
        found: dict[str, Any] | None = super().evaluateImg(imgId, catId, aRng, maxDet)
        if found is not None and catId in self._partial[imgId]:
            found["dtIgnore"] = np.logical_or(found["dtIgnore"], found["dtMatches"] == 0)
        return found


class LvisTally(InstanceTally):
    """Matched images; a unit is an image, its score its own AP.

    Args:
        truth: An LVIS data set: COCO's keys, with `neg_category_ids` and
            `not_exhaustive_category_ids` on images and `frequency` (`r`, `c`, `f`) on categories.
        results: COCO results, as for `tally_instances`.
    """

    def __init__(self, truth: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(_LvisEval(truth, results))
        frequency = {one["id"]: one["frequency"] for one in truth["categories"]}
        self._groups = np.array([frequency[category] for category in self.categories])

    def scores(self, rows: NDArray[np.int64] | None = None) -> dict[str, float]:
        """The official names and fractions.

        Returns:
            `AP`, `AP50`, `AP75`, by size `APs`, `APm`, `APl`, by frequency `APr`, `APc`, `APf`, and
            `AR@300`, `ARs@300`, `ARm@300`, `ARl@300`; -1 where there is no truth.
        """
        precision = self.precision(rows)
        scores = self.average_precisions(precision)
        scores |= {f"AP{key}": mean(precision[0, self._groups == key]) for key in ("r", "c", "f")}
        for key, value in self.average_recalls(rows).items():
            scores[f"AR{key if key in SIZES else ''}@{MAX_DETECTIONS}"] = value
        return scores


def _top(results: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The best detections of each image, over all categories; image by image as they appear."""
    images: defaultdict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    for one in results:
        images[one["image_id"]].append(one)
    kept = []
    for found in images.values():
        ranked = sorted(found, key=lambda one: -one["score"])[:MAX_DETECTIONS]
        kept += found if len(found) <= MAX_DETECTIONS else ranked
    return kept
