"""The single numbers of a metric's nested scores, by path."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

_UNDEFINED = -1.0


def leaves(scores: Mapping[str, Any]) -> dict[str, float]:
    """Every number of a tally's scores.

    Args:
        scores: Names and values; a value may be a mapping or a list of values.

    Returns:
        Number by path, its parts joined by dots, as in `per_class.3.pq`. What is not defined is
        left out: None, NaN, and exactly -1, which is COCO's word for it.
    """
    return dict(_walk(scores, ""))


def _walk(value: Any, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _walk(one, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        yield from _walk(dict(enumerate(value)), path)
    elif isinstance(value, int | float) and not math.isnan(value) and value != _UNDEFINED:
        yield path, float(value)
