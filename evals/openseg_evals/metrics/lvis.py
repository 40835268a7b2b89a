"""LVIS instance AP: COCO's matching under federated annotation, 300 detections an image.

A detection counts only in images where its category is annotated or verified absent, and is not
wrong where the category is not annotated exhaustively. Source: lvis-api `eval.py`, `results.py`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg_evals.coco_eval import InstanceEval

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


class LvisTally:
    """AP of matched images; a unit is an image, its score its own AP."""

    unit_score_name = "AP of the image"

    def __init__(self, truth: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> None:
        self._evaluation = _LvisEval(truth, results)
        self._evaluation.match()
        self._frequency = {one["id"]: one["frequency"] for one in truth["categories"]}
        self.units = [str(one) for one in self._evaluation.params.imgIds]

    @cached_property
    def unit_scores(self) -> NDArray[np.float64]:
        """AP of each image alone, `float64 [n]`."""
        return np.array([self.scores(np.array([row]))["AP"] for row in range(len(self.units))])

    def scores(self, rows: NDArray[np.int64] | None = None) -> dict[str, Any]:
        """The official names; see `lvis`."""
        self._evaluation.select(np.arange(len(self.units)) if rows is None else rows)
        return _scores(self._evaluation, self._frequency)


def lvis(truth: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Scores instance masks on LVIS.

    Args:
        truth: An LVIS data set: COCO's keys, with `neg_category_ids` and
            `not_exhaustive_category_ids` on images and `frequency` (`r`, `c`, `f`) on categories.
        results: COCO results, as for `coco_instances`.

    Returns:
        Fractions `AP`, `AP50`, `AP75`, by size `APs`, `APm`, `APl`, by frequency `APr`, `APc`,
        `APf`, and `AR@300`, `ARs@300`, `ARm@300`, `ARl@300`; -1 where there is no truth.
    """
    return LvisTally(truth, results).scores()


def _scores(evaluation: InstanceEval, frequency: Mapping[int, str]) -> dict[str, float]:
    mean = evaluation.average
    scores = {
        "AP": mean("precision"),
        "AP50": mean("precision", threshold=0.5),
        "AP75": mean("precision", threshold=0.75),
    }
    areas = {"s": "small", "m": "medium", "l": "large"}
    scores |= {f"AP{key}": mean("precision", area=area) for key, area in areas.items()}
    group = np.array([frequency[int(category)] for category in evaluation.params.catIds])
    precision = evaluation.eval["precision"][:, :, :, 0, 0]
    for key in ("r", "c", "f"):
        values = precision[:, :, group == key]
        defined = values[values > -1]
        scores[f"AP{key}"] = float(defined.mean()) if defined.size else -1.0
    scores[f"AR@{MAX_DETECTIONS}"] = mean("recall")
    scores |= {
        f"AR{key}@{MAX_DETECTIONS}": mean("recall", area=area) for key, area in areas.items()
    }
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
