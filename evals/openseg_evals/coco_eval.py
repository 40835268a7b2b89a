"""COCO's instance evaluation, quiet, with the places where benchmarks depart from it.

The matching and the averaging are `pycocotools.cocoeval.COCOeval`, untouched; subclasses change
which truths and detections it sees and how a pair is compared.
"""

from __future__ import annotations

import contextlib
import copy
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from openseg_evals import rle
from openseg_evals.boundaries import mask_boundary

Annotation = dict[str, Any]
Groups = dict[tuple[Any, Any], list[Annotation]]


class InstanceEval(COCOeval):  # type: ignore[misc]  # pycocotools is not typed
    """COCO's evaluation of masks, without its prints."""

    _gts: Groups
    _dts: Groups
    evalImgs: list[dict[str, Any] | None]  # noqa: N815 (theirs)

    def __init__(
        self, truth: Mapping[str, Any], results: Sequence[Mapping[str, Any]], *, by_class: bool
    ) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            super().__init__(_index(truth), _index_results(truth, results), "segm")
        self.params.useCats = int(by_class)

    def run(self) -> None:
        """Matches and accumulates; afterwards `eval` holds precision and recall."""
        self.match()
        self.select(np.arange(len(self.params.imgIds)))

    def match(self) -> None:
        """Matches every image."""
        with contextlib.redirect_stdout(io.StringIO()):
            self.evaluate()
        self._matched: list[dict[str, Any] | None] = self.evalImgs

    def select(self, rows: NDArray[np.int64]) -> None:
        """Accumulates some images, after `match`; `eval` holds their precision and recall."""
        images = len(self.params.imgIds)
        starts = range(0, len(self._matched), images)
        self.evalImgs = [self._matched[start + row] for start in starts for row in rows]
        self.params.imgIds, kept = list(range(len(rows))), self.params.imgIds
        self._paramsEval.imgIds = self.params.imgIds
        with contextlib.redirect_stdout(io.StringIO()):
            self.accumulate()
        self.params.imgIds = kept

    def average(
        self, kind: str, *, threshold: float | None = None, area: str = "all", detections: int = -1
    ) -> float:
        """Mean precision or recall over the classes that have truth.

        Args:
            kind: `precision` or `recall`.
            threshold: One IoU threshold; all by default.
            area: A label of `params.areaRngLbl`.
            detections: Place in `params.maxDets`.

        Returns:
            A fraction; -1 where no class has truth.
        """
        values: NDArray[np.float64] = self.eval[kind]
        if threshold is not None:
            values = values[np.isclose(self.params.iouThrs, threshold)]
        values = values[..., self.params.areaRngLbl.index(area), detections]
        defined = values[values > -1]
        return float(defined.mean()) if defined.size else -1.0


class BoundaryEval(InstanceEval):
    """Boundary AP: a pair is worth the lower of mask IoU and boundary IoU; crowds, mask IoU only.

    Unlike stock pycocotools, an `ignore` flag of the truth counts. Source: boundary-iou-api.
    """

    def _prepare(self) -> None:
        flags = {one["id"]: one.get("ignore", 0) for one in self.cocoGt.dataset["annotations"]}
        super()._prepare()
        for truths in self._gts.values():
            for one in truths:
                one["ignore"] = flags[one["id"]] or one["ignore"]
        self._whole = self._gts, self._dts
        self._edges = _boundaries(self._gts), _boundaries(self._dts)

    def computeIoU(self, imgId: int, catId: int) -> Any:  # noqa: N802, N803 (overrides)
        """IoU of each detection with each truth, `[detections, truths]`, or an empty list."""
        whole = super().computeIoU(imgId, catId)
        if not len(whole):
            return whole
        self._gts, self._dts = self._edges
        edge = super().computeIoU(imgId, catId)
        self._gts, self._dts = self._whole
        categories = [catId] if self.params.useCats else self.params.catIds
        truths = [one for category in categories for one in self._gts[imgId, category]]
        crowd = np.array([bool(one["iscrowd"]) for one in truths], dtype=np.bool_)
        return np.where(crowd[None], whole, np.minimum(whole, edge))


def _boundaries(groups: Groups) -> Groups:
    edges = copy.copy(groups)  # keeps the default of missing keys
    for key, masks in groups.items():
        edges[key] = [
            {**one, "segmentation": rle.encode(mask_boundary(rle.decode(one["segmentation"])))}
            for one in masks
        ]
    return edges


def _index(truth: Mapping[str, Any]) -> COCO:
    coco = COCO()
    coco.dataset = {
        **truth,
        "annotations": [{"iscrowd": 0, **one} for one in truth["annotations"]],
    }
    coco.createIndex()
    return coco


def _index_results(truth: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> COCO:
    """As `COCO.loadRes`, for any number of results.

    A box on the first result makes every area that of the box; otherwise areas are the masks'.
    """
    boxed = bool(results) and bool(results[0].get("bbox"))
    coco = COCO()
    coco.dataset = {
        "images": truth["images"],
        "categories": truth["categories"],
        "annotations": [
            {
                **one,
                "id": number,
                "iscrowd": 0,
                "area": one["bbox"][2] * one["bbox"][3] if boxed else rle.area(one["segmentation"]),
            }
            for number, one in enumerate(results, start=1)
        ],
    }
    coco.createIndex()
    return coco
