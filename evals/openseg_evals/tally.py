"""What a metric keeps of each unit of a data set, so that any selection of units can be scored.

Confidence intervals score resampled units, breakdowns score the units of a tag, a limited run
scores the units it reached: all from one reading of the files.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Tally(Protocol):
    """Counts of every unit, the smallest thing a metric may be computed over.

    A unit is a sentence in RefCOCO, an image in COCO, a scene in ScanNet. Its name is made of the
    official ids, so that a data set's samples can be matched with it.
    """

    @property
    def units(self) -> Sequence[str]:
        """Names of the units, in the order of the truth; no name twice."""

    @property
    def unit_score_name(self) -> str:
        """What `unit_scores` are, as a table's head names it: "IoU", "AP of the image"."""

    @property
    def unit_scores(self) -> NDArray[np.float64]:
        """One number a unit, `float64 [n]`: what paired tests compare and galleries sort by.

        A fraction where the official numbers are percent. NaN where the unit says nothing, as an
        image without truth and without prediction.
        """

    def scores(self, rows: NDArray[np.int64] | None = None) -> dict[str, Any]:
        """The official names and their values.

        Args:
            rows: Which units, `int64 [k]`; a unit that occurs twice counts twice. All by default.
        """


@dataclass(frozen=True)
class UnitTally:
    """A tally made of two functions of what was counted.

    Attributes:
        units: Names of the units.
        unit_score_name: What the unit scores are.
        score: The official names and values of chosen rows, `int64 [k]`.
        score_units: The score of each unit, `float64 [n]`; called once, when somebody asks.
    """

    units: Sequence[str]
    unit_score_name: str
    score: Callable[[NDArray[np.int64]], dict[str, Any]]
    score_units: Callable[[], NDArray[np.float64]]

    @cached_property
    def unit_scores(self) -> NDArray[np.float64]:
        """One number a unit, `float64 [n]`."""
        return self.score_units()

    def scores(self, rows: NDArray[np.int64] | None = None) -> dict[str, Any]:
        """The official names and their values; see `Tally.scores`."""
        return self.score(np.arange(len(self.units)) if rows is None else rows)


def multiplicity(rows: NDArray[np.int64], units: int) -> NDArray[np.int64]:
    """How often each unit occurs among the rows, `int64 [units]`."""
    return np.bincount(rows, minlength=units).astype(np.int64)
