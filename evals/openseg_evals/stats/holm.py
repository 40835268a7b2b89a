"""Holm's correction: p-values of several tests, made safe to be read together (Holm, 1979)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """Corrects the p-values of a family of tests.

    Args:
        p_values: One p-value a test.

    Returns:
        In the same order: a test is significant at a level if its corrected value is at most the
        level, and the chance of any false finding then stays below it. Never above 1, never in
        another order than the p-values.
    """
    values = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    raised = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(raised, 1.0)
    return [float(one) for one in corrected]
