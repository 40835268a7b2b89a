"""COCO's instance evaluation, quiet, with the places where benchmarks depart from it.

The matching is `pycocotools.cocoeval.COCOeval`, untouched; subclasses change which truths and
detections it sees and how a pair is compared. The averaging is ours, for any selection of images.
"""

from __future__ import annotations

import contextlib
import copy
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from openseg_evals import rle
from openseg_evals.boundaries import mask_boundary
from openseg_evals.tallies.matches import ImageMatches, Matches, collect

Annotation = dict[str, Any]
Groups = dict[tuple[Any, Any], list[Annotation]]


class InstanceEval(COCOeval):  # type: ignore[misc]  # pycocotools is not typed
    """COCO's evaluation of masks, without its prints."""

    _gts: Groups
    _dts: Groups
    evalImgs: Sequence[dict[str, Any] | None]  # noqa: N815 (theirs)

    def __init__(
        self, truth: Mapping[str, Any], results: Sequence[Mapping[str, Any]], *, by_class: bool
    ) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            super().__init__(_index(truth), _index_results(truth, results), "segm")
        self.params.useCats = int(by_class)

    def match(self) -> Matches:
        """Matches every image.

        Returns:
            The matches; groups are ranges of areas by categories, those of any area first. Images
            are numbered in order of `params.imgIds`.
        """
        with contextlib.redirect_stdout(io.StringIO()):
            self.evaluate()
        images, areas = len(self.params.imgIds), len(self.params.areaRng)
        number = areas * (len(self.params.catIds) if self.params.useCats else 1)
        lists = [self.evalImgs[one * images : (one + 1) * images] for one in range(number)]
        groups = [one for area in range(areas) for one in lists[area::areas]]
        self.evalImgs = []  # they are large
        self.ious.clear()
        return collect([list(_there(one)) for one in groups], len(self.params.iouThrs))


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


def _there(found: Sequence[dict[str, Any] | None]) -> Iterator[ImageMatches]:
    for image, one in enumerate(found):
        if one is not None:
            yield ImageMatches(
                image=image,
                scores=np.asarray(one["dtScores"], dtype=np.float64),
                matched=one["dtMatches"] != 0,
                ignored=np.asarray(one["dtIgnore"], dtype=np.bool_),
                truths=int(np.count_nonzero(np.asarray(one["gtIgnore"]) == 0)),
            )


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
