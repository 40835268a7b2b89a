"""Semantic segmentation: mean IoU, accuracies, frequency-weighted IoU, from one confusion matrix.

Three official programs average over different classes: with truth (detectron2), with truth or
prediction (mmsegmentation), all (scene parsing). The names returned are those of the program.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from openseg_evals.boundaries import RATIO, band_width

Scores = dict[str, float | list[float | None] | None]


def confusion(
    prediction: NDArray[np.int64], truth: NDArray[np.int64], classes: int
) -> NDArray[np.int64]:
    """Counts the pixels of one image.

    Args:
        prediction: Class of each pixel, any shape; a value outside `0..classes-1` is a prediction
            of nothing, which is only missed truth.
        truth: The same for the truth, where such a value means "not annotated": those pixels do
            not count at all.
        classes: Number of classes.

    Returns:
        `int64 [classes, classes + 1]`: truth by prediction, the last column for nothing.
    """
    known = (truth >= 0) & (truth < classes)
    guess = np.where((prediction >= 0) & (prediction < classes), prediction, classes)
    codes = truth[known] * (classes + 1) + guess[known]
    counts = np.bincount(codes.ravel(), minlength=classes * (classes + 1))
    return counts.reshape(classes, classes + 1).astype(np.int64)


def semantic(counts: NDArray[np.int64], convention: str) -> Scores:
    """Scores a data set.

    Args:
        counts: Sum of `confusion` over the images.
        convention: `detectron2`, `mmseg` or `sceneparsing`.

    Returns:
        The program's own names, in percent, with the IoU of each class (None where the program
        leaves the class out) and the number of classes averaged.
    """
    return {"detectron2": _detectron2, "mmseg": _mmseg, "sceneparsing": _sceneparsing}[convention](
        counts
    )


def _detectron2(counts: NDArray[np.int64]) -> Scores:
    hits, truth, union = _sums(counts)
    present = truth > 0
    iou = _ratio(hits, union, present)
    accuracy = _ratio(hits, truth, present)
    total = truth.sum()
    if not total:
        return {"mIoU": None, "fwIoU": None, "mACC": None, "pACC": None}
    return {
        "mIoU": 100 * float(np.nanmean(iou)),
        "fwIoU": 100 * float(np.nansum(iou * truth / total)),
        "mACC": 100 * float(np.nanmean(accuracy)),
        "pACC": 100 * float(hits.sum() / total),
        "classes_averaged": int(present.sum()),
        "IoU": _listed(iou),
        "ACC": _listed(accuracy),
    }


def _mmseg(counts: NDArray[np.int64]) -> Scores:
    hits, truth, union = (column.astype(np.float32) for column in _sums(counts))
    if not truth.sum():
        return {"aAcc": None, "mIoU": None, "mAcc": None}
    iou = _ratio(hits, union, union > 0)
    accuracy = _ratio(hits, truth, truth > 0)
    return {
        "aAcc": _rounded(hits.sum() / truth.sum()),
        "mIoU": _rounded(np.nanmean(iou)),
        "mAcc": _rounded(np.nanmean(accuracy)),
        "classes_averaged": int((union > 0).sum()),
        "IoU": [None if np.isnan(value) else _rounded(value) for value in iou],
        "Acc": [None if np.isnan(value) else _rounded(value) for value in accuracy],
    }


def _sceneparsing(counts: NDArray[np.int64]) -> Scores:
    hits, truth, union = _sums(counts)
    epsilon = np.spacing(1)
    iou = hits / (union + epsilon)
    return {
        "Mean IoU": 100 * float(iou.mean()),
        "Pixel-wise Accuracy": 100 * float(hits.sum() / (truth.sum() + epsilon)),
        "classes_averaged": len(iou),
        "IoU": _listed(iou),
    }


def label_boundary(labels: NDArray[np.int64], ratio: float = RATIO) -> NDArray[np.int64]:
    """What detectron2 calls the boundary of a label map: the map minus its grey erosion.

    Args:
        labels: `int64 [h, w]`, not annotated pixels as the number of classes.
        ratio: Width of the boundary over the image's diagonal.

    Returns:
        `int64 [h, w]`: differences of labels, which detectron2 then compares as if they were
        labels. It is not the boundary IoU of Cheng et al.; that is in `boundary`.
    """
    height, width = labels.shape
    window = 2 * band_width(height, width, ratio) + 1
    eroded = ndimage.minimum_filter(labels, size=window, mode="constant", cval=0)
    difference: NDArray[np.int64] = labels - eroded
    return difference


def boundary_ious(counts: NDArray[np.int64]) -> list[float | None]:
    """IoU of each class in percent from the `confusion` of two `label_boundary` maps."""
    hits, _, union = _sums(counts)
    return _listed(_ratio(hits, union, union > 0))


def _sums(
    counts: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    hits = np.diagonal(counts).astype(np.int64)
    truth = counts.sum(axis=1)
    return hits, truth, truth + counts[:, :-1].sum(axis=0) - hits


def _ratio(
    part: NDArray[np.number], whole: NDArray[np.number], where: NDArray[np.bool_]
) -> NDArray[np.floating]:
    ratio: NDArray[np.floating] = np.full(len(part), np.nan)
    if part.dtype == np.float32:
        ratio = ratio.astype(np.float32)
    np.divide(part, whole, out=ratio, where=where)
    return ratio


def _rounded(fraction: np.floating) -> float:
    return round(float(fraction) * 100, 2)


def _listed(values: NDArray[np.floating]) -> list[float | None]:
    return [None if np.isnan(value) else 100 * float(value) for value in values]
