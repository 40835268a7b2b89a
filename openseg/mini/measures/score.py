"""A mean with the number of cases it is over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from openseg.io.images import image_from
from openseg.mini.recipes.stills import Still
from openseg.types import Image


@dataclass(frozen=True)
class Score:
    """A number and what it is over.

    Attributes:
        value: The number, mostly a mean in [0, 1]; NaN of no cases.
        count: How many cases it is over.
    """

    value: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float] | Sequence[bool]) -> Score:
        """The mean of values."""
        return cls(float(np.mean(values)) if len(values) else float("nan"), len(values))


def area_under_curve(positive: Sequence[float], negative: Sequence[float]) -> Score:
    """Area under the ROC curve by ranks (Mann-Whitney), ties counted half; NaN if one is empty."""
    count = len(positive) + len(negative)
    if not positive or not negative:
        return Score(float("nan"), count)
    ranks = rankdata([*positive, *negative])
    above = ranks[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return Score(float(above / (len(positive) * len(negative))), count)


def image_of(still: Still) -> Image:
    """A still's picture as an image."""
    return image_from(np.ascontiguousarray(still.image), str(still.record.seed))
