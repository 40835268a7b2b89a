"""How numbers are written in reports: as many digits as mean something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LARGE = 10.0


def number(value: float | None, *, signed: bool = False) -> str:
    """A number with three meaningful digits; a dash where there is none."""
    if value is None:
        return "-"
    digits = 1 if abs(value) >= _LARGE else 3
    return f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"


def with_interval(metric: Mapping[str, Any]) -> str:
    """`61.2 [58.9, 63.4]`; the number alone where it has no interval."""
    value, interval = metric["value"], metric["ci"]
    if interval is None or value is None:
        return number(value)
    low, high = interval
    return f"{number(value)} [{number(low)}, {number(high)}]"


def shown(results: Mapping[str, Any]) -> list[str]:
    """The numbers of the tables, the main one first."""
    pipelines = results["pipelines"].values()
    there = list(next(iter(pipelines))["metrics"])
    names = [name for name in results["shown"] if name in there] or there
    main = results["main"]
    return [main, *(name for name in names if name != main)] if main in there else names
