"""Paired sign-flip test: whether one pipeline's unit scores are better than another's.

If the two were alike, each unit's difference could as well have the other sign. All sign patterns
are tried if they are few, else drawn, with the observed one counted in (Phipson and Smyth, 2010).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DRAWS = 10_000
_BLOCK = 512
_ROUNDING = 1e-12


class PairedTest(NamedTuple):
    """The outcome.

    Attributes:
        difference: Mean of first minus second over the pairs; NaN without pairs.
        p: Two-sided p-value; 1 without pairs.
        n: Number of pairs.
    """

    difference: float
    p: float
    n: int


def sign_flip_test(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> PairedTest:
    """Tests whether the mean difference of two pipelines' unit scores is 0.

    Args:
        first: Scores of one pipeline, `float64 [units]`.
        second: Those of the other for the same units; units where either is NaN are left out.
        draws: Sign patterns to draw if there are more than so many.
        seed: Chooses them.

    Returns:
        Difference, p-value and number of pairs.
    """
    differences = first - second
    differences = differences[~np.isnan(differences)]
    if not differences.size:
        return PairedTest(float("nan"), 1.0, 0)
    # The sign of no difference changes nothing.
    moved = differences[differences != 0]
    exact = 2 ** len(moved) <= draws
    generator = np.random.default_rng(seed)
    patterns = 2 ** len(moved) if exact else draws
    # Equal sums may differ by rounding with the order of their terms.
    observed = abs(float(moved.sum())) - _ROUNDING * float(np.abs(moved).sum())
    extreme = 0
    for start in range(0, patterns, _BLOCK):
        numbers = np.arange(start, min(start + _BLOCK, patterns))
        signs = _all_signs(numbers, len(moved)) if exact else _draw(generator, numbers, len(moved))
        sums = 2 * (signs @ moved) - moved.sum()
        extreme += int((np.abs(sums) >= observed).sum())
    p = extreme / patterns if exact else (extreme + 1) / (patterns + 1)
    return PairedTest(float(differences.mean()), p, len(differences))


def _all_signs(numbers: NDArray[np.int64], units: int) -> NDArray[np.float64]:
    """The binary digits of each number, 1 for a sign kept, `[patterns, units]`."""
    return ((numbers[:, None] >> np.arange(units)) & 1).astype(np.float64)


def _draw(
    generator: np.random.Generator, numbers: NDArray[np.int64], units: int
) -> NDArray[np.float64]:
    """A random pattern for each number, 1 for a sign kept, `[patterns, units]`."""
    size = len(numbers), -(-units // 8)
    drawn = generator.integers(256, size=size, dtype=np.uint8)
    return np.unpackbits(drawn, axis=1, count=units).astype(np.float64)
