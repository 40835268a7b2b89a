"""The ratio of two things measured in turn: its median, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from statistics import median
from typing import NamedTuple

LEVEL = 0.95


class Ratio(NamedTuple):
    """A ratio.

    Attributes:
        median: The median over the pairs.
        low: Lower end of its interval.
        high: Upper end.
        level: How probably the interval holds the median of all runs there could be.
    """

    median: float
    low: float
    high: float
    level: float


def ratio(over: Sequence[float], under: Sequence[float]) -> Ratio:
    """The median ratio of pairs.

    The interval lies between two of the sorted ratios. Whatever the distribution, each ratio is on
    either side of the median with equal chance, so the binomial distribution says how sure it is.
    With fewer than six pairs even the whole range is less sure than `LEVEL`.

    Args:
        over: One value a pair, above the line.
        under: One value a pair, below it; above 0.

    Raises:
        ValueError: If there is no pair, or a value without its partner.
    """
    ratios = sorted(a / b for a, b in zip(over, under, strict=True))
    if not ratios:
        raise ValueError("no pair of runs")
    count, left_out = len(ratios), 0
    while left_out + 1 <= (count - 1) // 2 and _level(count, left_out + 1) >= LEVEL:
        left_out += 1
    ends = ratios[left_out], ratios[count - 1 - left_out]
    return Ratio(median(ratios), *ends, _level(count, left_out))


def _level(count: int, left_out: int) -> float:
    """Chance that the median lies inside, with so many ratios left out on each side."""
    outside: int = sum(comb(count, place) for place in range(left_out + 1))
    return max(0.0, 1 - 2 * outside / (1 << count))
