"""Percentile bootstrap over units: how much a score would move with another sample of the data.

The official number is computed anew on units drawn with replacement (Efron, 1979).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from openseg_evals.stats.leaves import leaves
from openseg_evals.tally import Tally

DRAWS = 1000
LEVEL = 0.95


def bootstrap(
    tally: Tally, *, draws: int = DRAWS, level: float = LEVEL, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """Confidence intervals of a metric's numbers.

    Args:
        tally: The counts. Tallies with the same number of units are resampled alike, so that
            pipelines scored on the same data are compared on the same draws.
        draws: Number of resampled data sets.
        level: Share of the draws inside an interval.
        seed: Chooses the draws.

    Returns:
        Lower and upper bound by the path of `leaves`. Draws in which a number is not defined do
        not count for it; a number that is never defined has no interval.
    """
    values: defaultdict[str, list[float]] = defaultdict(list)
    for rows in resample(len(tally.units), draws, seed):
        for path, value in leaves(tally.scores(rows)).items():
            values[path].append(value)
    tails = (1 - level) / 2, (1 + level) / 2
    bounds = {path: np.quantile(found, tails) for path, found in values.items()}
    return {path: (float(low), float(high)) for path, (low, high) in bounds.items()}


def resample(units: int, draws: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Rows of `units` units drawn with replacement, `draws` times; nothing without units."""
    generator = np.random.default_rng(seed)
    for _ in range(draws if units else 0):
        yield generator.integers(units, size=units)
