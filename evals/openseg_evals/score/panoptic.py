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
from openseg_evals.metrics.panoptic import (
    MatchedImages,
    PanopticCounts,
    SegmentMatches,
    Segments,
    match_segments,
    panoptic,
)
from openseg_evals.tally import UnitTally, multiplicity


def tally(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Matches segments for PQ, SQ and RQ; a unit is an image, its score its own PQ.

    Args:
        gt: COCO panoptic JSON; its PNGs lie in the folder of the same name.
        pred: The same for the predictions.
        options: `missing`.

    Returns:
        The counts; scores are the official names. An image without segments scores NaN.

    Raises:
        InputError: If a file is missing or broken, or the two do not fit together.
    """
    return _tally(gt, pred, options["missing"], boundary=False)


def tally_boundary(gt: Path, pred: Path, options: Mapping[str, str]) -> UnitTally:
    """Matches segments for boundary PQ, SQ and RQ; arguments as for `tally`."""
    return _tally(gt, pred, options["missing"], boundary=True)


def _tally(gt: Path, pred: Path, missing: str, *, boundary: bool) -> UnitTally:
    truth, predictions = read_panoptic(gt, truth=True), read_panoptic(pred, truth=False)
    found = {one.image_id: one for one in predictions.images}
    wanted = {one.image_id for one in truth.images}
    _check_images(wanted, set(found), missing, str(pred))
    matches = [
        _match(image, found.get(image.image_id), truth, boundary=boundary) for image in truth.images
    ]
    categories = np.array(sorted(truth.categories), dtype=np.int64)

    images = MatchedImages(matches)

    def score_matches(found: SegmentMatches) -> dict[str, Any]:
        counts = PanopticCounts(categories)
        counts.include(found)
        return panoptic(counts, truth.categories)

    def score(rows: NDArray[np.int64]) -> dict[str, Any]:
        return score_matches(images.select(multiplicity(rows, len(matches))))

    def score_units() -> NDArray[np.float64]:
        alone = (score_matches(one)["All"]["pq"] for one in matches)
        return np.array([np.nan if one is None else one for one in alone])

    units = [str(one.image_id) for one in truth.images]
    return UnitTally(units, "PQ of the image", score, score_units)


def _match(
    image: PanopticImage, other: PanopticImage | None, truth: PanopticFile, *, boundary: bool
) -> SegmentMatches:
    _check_categories(image, truth)
    labels = read_segment_ids(image, complete=False)
    target = _segments(image, labels, boundary=boundary, stated=True)
    if other is None:
        nothing = PanopticImage(image.image_id, image.png, [], image.where)
        empty = np.zeros_like(labels)
        return match_segments(target, _segments(nothing, empty, boundary=boundary, stated=False))
    _check_categories(other, truth)
    guess = read_segment_ids(other, complete=True)
    need_same_size(guess, labels, other.png)
    return match_segments(target, _segments(other, guess, boundary=boundary, stated=False))


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


def _check_images(wanted: set[Any], found: set[Any], missing: str, where: str) -> None:
    if wanted - found and missing == "error":
        what = f"no prediction for images {sample(wanted - found)}"
        fix = "write an entry with an empty map where nothing was found, or --set missing=empty"
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
