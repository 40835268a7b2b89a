"""A metric's numbers by name: those of nested tables are joined by dots, as in `All.pq`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.types.errors import UserError
from openseg_evals.run.benchmark import Benchmark
from openseg_evals.tally import Tally


def plain_scores(counted: Tally, rows: NDArray[np.int64] | None = None) -> dict[str, Any]:
    """The scores of units as JSON can hold them: names are text, what is not a number is None.

    Args:
        counted: The tally.
        rows: Which units; all by default.
    """
    return {key: _plain(value) for key, value in counted.scores(rows).items()}


def number_at(scores: Mapping[str, Any], name: str) -> float | None:
    """A number by its name; None where it, or the table it stands in, is not defined.

    Args:
        scores: What `plain_scores` gives.
        name: The name.

    Raises:
        KeyError: If there is none of this name.
        TypeError: If the name goes on below a number, or names a table.
    """
    value: Any = scores
    for key in [name] if name in scores else name.split("."):
        value = None if value is None else value[key]
    return None if value is None else float(value)


def check_names(scores: Mapping[str, Any], benchmark: Benchmark) -> None:
    """Checks that a metric gives the numbers a benchmark asks for.

    Raises:
        UserError: If it does not; the predictions stay good.
    """
    for name in (benchmark.main, *benchmark.shown):
        try:
            number_at(scores, name)
        except (KeyError, TypeError):
            near = get_close_matches(name, _names(scores), n=1, cutoff=0.5)
            fix = f"did you mean {near[0]!r}?" if near else f"it gives: {', '.join(scores)}"
            what = f"{benchmark.metric} gives no number {name!r}"
            raise UserError(what, where=benchmark.name, fix=fix) from None


def _names(scores: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in scores.items():
        if isinstance(value, Mapping):
            yield from _names(value, f"{prefix}{key}.")
        elif not isinstance(value, list):
            yield prefix + key


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
