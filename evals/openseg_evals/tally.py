"""What a metric keeps of each unit of a data set, so that any selection of units can be scored.

Confidence intervals score resampled units, breakdowns score the units of a tag, a limited run
scores the units it reached: all from one reading of the files.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    def unit_scores(self) -> NDArray[np.float64]:
        """One number a unit, `float64 [n]`: what paired tests compare and galleries sort by.

        NaN where the unit says nothing, as an image without truth and without prediction.
        """

    def scores(self, rows: NDArray[np.int64] | None = None) -> dict[str, Any]:
        """The official names and their values.

        Args:
            rows: Which units, `int64 [k]`; a unit that occurs twice counts twice. All by default.
        """
