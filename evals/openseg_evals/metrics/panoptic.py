"""Panoptic quality: PQ, SQ, RQ over all categories, things and stuff (Kirillov et al., 2019).

Sources: panopticapi `evaluation.py`; for the boundary variant boundary-iou-api. A match needs
IoU > 0.5 outside void; crowd segments are neither found nor missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

VOID = 0


@dataclass(frozen=True)
class Segments:
    """One image's segments.

    Attributes:
        labels: Segment id of each pixel, 0 for void, `int64 [h, w]`.
        ids: The segments' ids, `int64 [n]`.
        categories: The category of each segment, `int64 [n]`.
        areas: Pixels of each segment as the annotation states them, `int64 [n]`; for predictions
            and where not stated, counted.
        crowd: Whether the segment is a crowd region, `bool [n]`.
        boundary: Where the labels count for boundary PQ, `bool [h, w]`; None for plain PQ.
    """

    labels: NDArray[np.int64]
    ids: NDArray[np.int64]
    categories: NDArray[np.int64]
    areas: NDArray[np.int64]
    crowd: NDArray[np.bool_]
    boundary: NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class SegmentMatches:
    """What one image adds.

    Attributes:
        matched: Category of each match, `int64 [m]`.
        ious: Its IoU, `float64 [m]`.
        wrong: Category of each prediction without match, `int64 [k]`.
        missed: Category of each true segment without match, `int64 [l]`.
    """

    matched: NDArray[np.int64]
    ious: NDArray[np.float64]
    wrong: NDArray[np.int64]
    missed: NDArray[np.int64]


def match_segments(truth: Segments, prediction: Segments) -> SegmentMatches:
    """Matches one image's segments."""
    together = _overlaps(truth, prediction)
    true_area, area = truth.areas[:, None], prediction.areas[None]
    shared, void = together[1:, 1:], together[0, 1:]
    iou = _divide(shared, true_area + area - shared - void)
    if truth.boundary is not None and prediction.boundary is not None:
        edges = truth.boundary, prediction.boundary
        iou = np.minimum(iou, _boundary_iou(truth, prediction, *edges))
    alike = truth.categories[:, None] == prediction.categories[None]
    match = (iou > 0.5) & alike & ~truth.crowd[:, None] & (shared > 0)
    excused = void + _crowd_overlap(truth, prediction, shared)
    return SegmentMatches(
        matched=truth.categories[np.nonzero(match)[0]],
        ious=iou[match],
        wrong=prediction.categories[~match.any(axis=0) & (excused / prediction.areas <= 0.5)],
        missed=truth.categories[~match.any(axis=1) & ~truth.crowd],
    )


class MatchedImages:
    """The matches of many images, from which any selection can be taken at once."""

    def __init__(self, images: Sequence[SegmentMatches]) -> None:
        self._all = SegmentMatches(
            matched=_join([one.matched for one in images]),
            ious=np.concatenate([np.zeros(0), *(one.ious for one in images)]),
            wrong=_join([one.wrong for one in images]),
            missed=_join([one.missed for one in images]),
        )
        numbers = np.arange(len(images))
        self._matched = np.repeat(numbers, [len(one.matched) for one in images])
        self._wrong = np.repeat(numbers, [len(one.wrong) for one in images])
        self._missed = np.repeat(numbers, [len(one.missed) for one in images])

    def select(self, times: NDArray[np.int64]) -> SegmentMatches:
        """What the images add if each occurs so many times, `int64 [images]`."""
        return SegmentMatches(
            matched=np.repeat(self._all.matched, times[self._matched]),
            ious=np.repeat(self._all.ious, times[self._matched]),
            wrong=np.repeat(self._all.wrong, times[self._wrong]),
            missed=np.repeat(self._all.missed, times[self._missed]),
        )


def _join(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts])


@dataclass
class PanopticCounts:
    """Sums over images, one number a category: of matched IoUs, and of the three counts."""

    categories: NDArray[np.int64]
    iou: NDArray[np.float64] = field(init=False)
    tp: NDArray[np.int64] = field(init=False)
    fp: NDArray[np.int64] = field(init=False)
    fn: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        self.iou = np.zeros(len(self.categories))
        self.tp, self.fp, self.fn = np.zeros((3, len(self.categories)), dtype=np.int64)

    def add(self, truth: Segments, prediction: Segments) -> None:
        """Adds one image."""
        self.include(match_segments(truth, prediction))

    def include(self, image: SegmentMatches) -> None:
        """Adds what one image adds, or several at once."""
        np.add.at(self.iou, np.searchsorted(self.categories, image.matched), image.ious)
        self._count(self.tp, image.matched)
        self._count(self.fp, image.wrong)
        self._count(self.fn, image.missed)

    def _count(self, target: NDArray[np.int64], categories: NDArray[np.int64]) -> None:
        np.add.at(target, np.searchsorted(self.categories, categories), 1)


def panoptic(counts: PanopticCounts, things: Mapping[int, bool]) -> dict[str, Any]:
    """Scores a data set.

    Args:
        counts: What was counted.
        things: For each category whether it is a thing.

    Returns:
        `All`, `Things`, `Stuff`, each with the fractions `pq`, `sq`, `rq`, averaged over the `n`
        categories that occur in truth or prediction (None where none does), and `per_class`.
    """
    half = counts.tp + 0.5 * counts.fp + 0.5 * counts.fn
    seen = half > 0
    pq, rq = _divide(counts.iou, half), _divide(counts.tp, half)
    sq = _divide(counts.iou, counts.tp)
    thing = np.array([things[int(category)] for category in counts.categories], dtype=np.bool_)
    groups = {"All": seen, "Things": seen & thing, "Stuff": seen & ~thing}
    result: dict[str, Any] = {
        name: {
            "pq": _mean(pq[group]),
            "sq": _mean(sq[group]),
            "rq": _mean(rq[group]),
            "n": int(group.sum()),
        }
        for name, group in groups.items()
    }
    result["per_class"] = {
        int(category): {"pq": float(pq[i]), "sq": float(sq[i]), "rq": float(rq[i])}
        for i, category in enumerate(counts.categories)
    }
    return result


def _overlaps(
    truth: Segments, prediction: Segments, where: NDArray[np.bool_] | None = None
) -> NDArray[np.int64]:
    """Pixels shared by each pair of segments, `[1 + n, 1 + m]`, row and column 0 being void."""
    n, m = len(truth.ids), len(prediction.ids)
    # One more place on each side takes the labels that belong to no segment.
    rows = _places(truth)
    columns = _places(prediction)
    if where is not None:
        rows, columns = rows[where], columns[where]
    codes = rows.ravel() * (m + 2) + columns.ravel()
    counts = np.bincount(codes, minlength=(n + 2) * (m + 2)).reshape(n + 2, m + 2)
    return counts[: n + 1, : m + 1].astype(np.int64)


def _places(segments: Segments) -> NDArray[np.int64]:
    """Row of each pixel's segment: 0 for void, `n + 1` for an id that is not listed."""
    known, inverse = np.unique(segments.labels, return_inverse=True)
    rank = {int(one): row + 1 for row, one in enumerate(segments.ids)}
    rank[VOID] = 0
    table = np.array([rank.get(int(one), len(segments.ids) + 1) for one in known], dtype=np.int64)
    places: NDArray[np.int64] = table[inverse].reshape(segments.labels.shape)
    return places


def _boundary_iou(
    truth: Segments,
    prediction: Segments,
    edge_truth: NDArray[np.bool_],
    edge: NDArray[np.bool_],
) -> NDArray[np.float64]:
    void = truth.labels == VOID
    together = _overlaps(truth, prediction, (edge_truth | void) & edge)
    shared, unknown = together[1:, 1:], together[0, 1:]
    true_area = np.bincount(_places(truth)[edge_truth], minlength=len(truth.ids) + 2)[1:-1]
    area = np.bincount(_places(prediction)[edge], minlength=len(prediction.ids) + 2)[1:-1]
    return _divide(shared, true_area[:, None] + area[None] - shared - unknown)


def _crowd_overlap(
    truth: Segments, prediction: Segments, shared: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Pixels of each prediction on the last listed crowd region of its category."""
    overlap = np.zeros(len(prediction.ids), dtype=np.int64)
    for row in np.flatnonzero(truth.crowd):
        same = prediction.categories == truth.categories[row]
        overlap[same] = shared[row, same]
    return overlap


def _divide(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float64]:
    ratio = np.zeros(np.broadcast_shapes(part.shape, whole.shape))
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio


def _mean(values: NDArray[np.float64]) -> float | None:
    return float(values.mean()) if values.size else None
