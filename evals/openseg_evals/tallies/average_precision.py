"""COCO's average precision of any selection of images, from matches made once.

An image that occurs n times weighs n. A ranking is summed up only where it can matter, at its true
positives: what counts at every IoU threshold in one sum for all of them, what counts at some in
sums of their own. Agrees with `pycocotools.cocoeval.COCOeval.accumulate`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openseg_evals.tallies.matches import Integers, Matches, Ranked, split

RECALLS = np.linspace(0.0, 1.0, 101)
_BLOCK = 8192

Floats = NDArray[np.float64]


class AveragePrecision:
    """Scores selections of images."""

    def __init__(self, matches: Matches) -> None:
        self._groups, self._thresholds = matches.groups, matches.thresholds
        self._truths = matches.truth_groups, matches.truth_images
        by_curve = np.lexsort((matches.hits.order, matches.hits.ranking))
        hits = matches.hits.pick(by_curve)
        self._hit_curves, self._hit_images = hits.ranking, hits.image
        self._hit_ranks = matches.hit_ranks[by_curve]
        group = hits.ranking // self._thresholds
        self._always = _Sums(matches.always, hits._replace(ranking=group))
        self._partly = _Sums(matches.partly, hits)
        # Curves with a hit; the others have no precision anywhere.
        self._curves, starts = np.unique(hits.ranking, return_index=True)
        self._bounds = np.append(starts, len(hits.ranking))

    def precision(self, weights: Integers) -> Floats:
        """Mean interpolated precision over the 101 levels of recall.

        Args:
            weights: How often each image counts, `int64 [images]`.

        Returns:
            `float64 [groups, thresholds]`, NaN where there is no truth.
        """
        truths = self._truth(weights)
        needed = _smallest_counts(truths)
        weight = weights[self._hit_images]
        ends = np.append(0, np.cumsum(weight))
        lengths = np.diff(self._bounds)
        found = ends[1:] - np.repeat(ends[self._bounds[:-1]], lengths)
        counted = self._always.before(weights) + self._partly.before(weights)
        precision = found / (counted + np.spacing(1))
        hit_of = np.repeat(np.arange(len(weight)), weight)  # hit of each unit of weight
        flat = np.zeros(self._groups * self._thresholds)
        for first in range(0, len(self._curves), _BLOCK):
            curves = self._curves[first : first + _BLOCK]
            bounds = self._bounds[first : first + len(curves) + 1]
            levels = needed[curves // self._thresholds]
            flat[curves] = _interpolate(precision, bounds, levels, ends, hit_of).mean(axis=1)
        means = flat.reshape(self._groups, self._thresholds)
        means[truths == 0] = np.nan
        return means

    def recall(self, weights: Integers, most: int) -> Floats:
        """Share of the truths found by the first `most` detections of each image and group.

        Args:
            weights: How often each image counts, `int64 [images]`.
            most: Number of detections.

        Returns:
            `float64 [groups, thresholds]`, NaN where there is no truth.
        """
        weight = weights[self._hit_images] * (self._hit_ranks < most)
        size = self._groups * self._thresholds
        found = np.bincount(self._hit_curves, weights=weight, minlength=size)
        truths = self._truth(weights)[:, None]
        shares = np.full((self._groups, self._thresholds), np.nan)
        np.divide(found.reshape(shares.shape), truths, out=shares, where=truths > 0)
        return shares

    def _truth(self, weights: Integers) -> Integers:
        groups, images = self._truths
        counts = np.bincount(groups, weights=weights[images], minlength=self._groups)
        return counts.astype(np.int64)


def precision_of_images(matches: Matches, groups: int, images: int) -> Floats:
    """What AP would be if an image were the whole data set.

    Args:
        matches: The matches.
        groups: How many of the groups count, from the first: the categories in one range of areas.
        images: Number of images.

    Returns:
        `float64 [images]`: the mean over the categories with truth; 0 where there are detections
        only, NaN where there is neither.
    """
    # Each group of each image that has truth becomes a group of its own.
    pairs = np.unique(matches.truth_groups * images + matches.truth_images)
    pairs = pairs[pairs < groups * images]
    owners = pairs % images
    alone = split(matches, pairs, images)
    means = AveragePrecision(alone).precision(np.ones(images, dtype=np.int64)).mean(axis=1)
    totals = np.bincount(owners, weights=means, minlength=images)
    categories = np.bincount(owners, minlength=images)
    scores = np.full(images, np.nan)
    scores[matches.always.image[matches.always.ranking < groups]] = 0.0
    scores[matches.partly.image[matches.partly.ranking < groups * matches.thresholds]] = 0.0
    np.divide(totals, categories, out=scores, where=categories > 0)
    return scores


class _Sums:
    """Weight of the detections of a ranking down to each hit."""

    def __init__(self, ranked: Ranked, hits: Ranked) -> None:
        span = 1 + max(
            (int(one.max()) for one in (ranked.order, hits.order) if one.size), default=0
        )
        keys = ranked.ranking * span + ranked.order
        sort = np.argsort(keys, kind="stable")
        self._images = ranked.image[sort]
        ordered = keys[sort]
        self._ends = np.searchsorted(ordered, hits.ranking * span + hits.order, side="right")
        self._starts = np.searchsorted(ordered, hits.ranking * span, side="left")

    def before(self, weights: Integers) -> Integers:
        sums = np.append(0, np.cumsum(weights[self._images]))
        total: Integers = sums[self._ends] - sums[self._starts]
        return total


def _smallest_counts(truths: Integers) -> Integers:
    """The fewest hits that reach each level of recall, at least 1, `int64 [groups, 101]`."""
    truths = np.maximum(truths, 1)[:, None]
    near = np.ceil(RECALLS * truths).astype(np.int64)
    # The product may be rounded up or down; the official test is the quotient's.
    near = np.where((near - 1) / truths >= RECALLS, near - 1, near)
    near = np.where(near / truths >= RECALLS, near, near + 1)
    counts: Integers = np.maximum(near, 1)
    return counts


def _interpolate(
    precision: Floats, bounds: Integers, needed: Integers, ends: Integers, hit_of: Integers
) -> Floats:
    """Best precision at each level of recall or beyond, `float64 [curves, 101]`."""
    starts, stops = bounds[:-1, None], bounds[1:, None]
    reached = needed <= ends[stops] - ends[starts]
    units = np.where(reached, ends[starts] + needed - 1, 0)
    first = np.where(reached, hit_of[units] if len(hit_of) else 0, stops - 1)
    low, high = int(bounds[0]), int(bounds[-1])
    # Hits without weight before the first level have precision 0, so that bins may hold them.
    best = np.maximum.reduceat(precision[low:high], (first - low).ravel()).reshape(first.shape)
    best = np.maximum.accumulate(best[:, ::-1], axis=1)[:, ::-1]
    return np.where(reached, best, 0.0)
