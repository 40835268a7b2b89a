"""Area under precision over recall as ScanNet computes it: trapezoids, without an envelope.

Many curves at once, their events sorted once; each call weighs the events anew, so that any
selection of scenes can be scored.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


class Events(NamedTuple):
    """Matches and false positives.

    Attributes:
        curve: The curve each belongs to, `int64 [n]`.
        scene: Its scene, `int64 [n]`.
        score: Its confidence, `float64 [n]`.
        hit: Whether it is a match, `bool [n]`.
    """

    curve: Integers
    scene: Integers
    score: Floats
    hit: NDArray[np.bool_]


class PrecisionCurves:
    """Curves with one point a distinct score, and a first one of precision 1 at recall 0."""

    def __init__(self, events: Events) -> None:
        sort = np.lexsort((-events.score, events.curve))
        curve, self._scene, score, self._hit = (one[sort] for one in events)
        changes = np.diff(curve, append=-1) != 0
        self._ends = np.flatnonzero(changes | (np.diff(score, append=0.0) != 0))
        self._curves = curve[self._ends]
        self._last = changes[self._ends]
        self._first = np.append(True, self._last[:-1])[: len(self._last)]
        starts = np.searchsorted(curve, self._curves, side="left")
        self._starts = starts.astype(np.int64)

    def areas(self, times: Integers, truths: Integers) -> Floats:
        """The area under each curve.

        Args:
            times: How often each scene counts, `int64 [scenes]`.
            truths: Truths to be found, of each curve, `int64 [curves]`.

        Returns:
            `float64 [curves]`, NaN where there is no truth.
        """
        weight = times[self._scene]
        hits, kept = self._counts(np.where(self._hit, weight, 0)), self._counts(weight)
        # A score without weight repeats the point before it, which adds no area.
        precision = np.divide(hits, kept, out=np.ones(len(kept)), where=kept > 0)
        recall = hits / np.maximum(truths[self._curves], 1)
        before = np.where(self._first, 0.0, np.roll(recall, 1))
        after = np.where(self._last, recall, np.roll(recall, -1))
        parts = precision * (after - before) / 2 + np.where(self._first, recall / 2, 0.0)
        areas = np.bincount(self._curves, weights=parts, minlength=len(truths)).astype(np.float64)
        areas[truths == 0] = np.nan
        return areas

    def _counts(self, weight: Integers) -> Integers:
        """Weight of a curve's events down to each of its points."""
        sums = np.append(0, np.cumsum(weight))
        counts: Integers = sums[self._ends + 1] - sums[self._starts]
        return counts
