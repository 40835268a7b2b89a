"""Scores COCO panoptic results: PQ, SQ, RQ, and their boundary variant."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import InputError
from openseg_evals.boundaries import segment_boundaries
from openseg_evals.formats.files import sample
from openseg_evals.formats.labels import need_same_size
from openseg_evals.formats.panoptic import (
    PanopticFile,
    PanopticImage,
    read_panoptic,
    read_segment_ids,
)
from openseg_evals.metrics.panoptic import PanopticCounts, Segments, panoptic


def score(gt: Path, pred: Path, _options: Mapping[str, str]) -> dict[str, Any]:
    """PQ, SQ and RQ.

    Args:
        gt: COCO panoptic JSON; its PNGs lie in the folder of the same name.
        pred: The same for the predictions.

    Returns:
        The official names.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    return _score(gt, pred, boundary=False)


def score_boundary(gt: Path, pred: Path, _options: Mapping[str, str]) -> dict[str, Any]:
    """Boundary PQ, SQ and RQ; arguments as for `score`."""
    return _score(gt, pred, boundary=True)


def _score(gt: Path, pred: Path, *, boundary: bool) -> dict[str, Any]:
    truth, predictions = read_panoptic(gt, truth=True), read_panoptic(pred, truth=False)
    found = {one.image_id: one for one in predictions.images}
    wanted = {one.image_id for one in truth.images}
    _check_images(wanted, set(found), str(pred))
    counts = PanopticCounts(np.array(sorted(truth.categories), dtype=np.int64))
    for image in truth.images:
        other = found[image.image_id]
        _check_categories(image, truth)
        _check_categories(other, truth)
        labels, guess = (
            read_segment_ids(image, complete=False),
            read_segment_ids(other, complete=True),
        )
        need_same_size(guess, labels, other.png)
        counts.add(
            _segments(image, labels, boundary=boundary, stated=True),
            _segments(other, guess, boundary=boundary, stated=False),
        )
    return panoptic(counts, truth.categories)


def _segments(
    image: PanopticImage, labels: NDArray[np.int64], *, boundary: bool, stated: bool
) -> Segments:
    ids = np.array([one["id"] for one in image.segments], dtype=np.int64)
    if stated:
        areas = np.array([one["area"] for one in image.segments], dtype=np.int64)
    else:
        drawn, pixels = np.unique(labels, return_counts=True)
        areas = pixels[np.searchsorted(drawn, ids)].astype(np.int64)
    return Segments(
        labels=labels,
        ids=ids,
        categories=np.array([one["category_id"] for one in image.segments], dtype=np.int64),
        areas=areas,
        crowd=np.array([one.get("iscrowd", 0) == 1 for one in image.segments], dtype=np.bool_),
        boundary=segment_boundaries(labels) if boundary else None,
    )


def _check_images(wanted: set[Any], found: set[Any], where: str) -> None:
    if wanted - found:
        what = f"no prediction for images {sample(wanted - found)}"
        fix = "write an entry for every image of the truth, with an empty map if nothing was found"
        raise InputError(what, where=where, fix=fix)
    if found - wanted:
        what = f"predicts images that are not in the truth: {sample(found - wanted)}"
        raise InputError(what, where=where, fix="score against the truth of the same split")


def _check_categories(image: PanopticImage, truth: PanopticFile) -> None:
    unknown = {one["category_id"] for one in image.segments} - truth.categories.keys()
    if unknown:
        what = f"category_id {sample(unknown)} is not in the truth"
        fix = f"the truth has {len(truth.categories)} categories: {sample(truth.categories)}"
        raise InputError(what, where=image.where, fix=fix)
