"""The main number of every pipeline with its interval, as one small chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

_WIDTH, _RIGHT = 620, 60
_CHARACTER, _LONGEST = 6.6, 40
_LINE, _TOP, _BOTTOM = 30, 10, 34
_TICKS = 4
_GAP = 12


def draw_intervals(results: Mapping[str, Any]) -> str:
    """An `<svg>` with a dot and a bar a pipeline; empty where no pipeline has an interval.

    Args:
        results: What `results.json` holds.
    """
    main = results["main"]
    found = {
        name: one["metrics"][main]
        for name, one in results["pipelines"].items()
        if one["metrics"][main]["ci"] is not None
    }
    if not found:
        return ""
    low = min(one["ci"][0] for one in found.values())
    high = max(one["ci"][1] for one in found.values())
    margin = 0.08 * (high - low) or 0.02 * abs(high) or 0.02
    low = low - margin if low < 0 else max(0.0, low - margin)
    high = min(results["best"], high + margin) if results["higher_is_better"] else high + margin
    names = [main, *found]
    left = _CHARACTER * min(_LONGEST, max(map(len, names))) + 3 * _GAP
    width, height = left + _WIDTH + _RIGHT, _TOP + _LINE * len(found) + _BOTTOM
    label = escape(f"{main} with 95 % intervals")
    return "\n".join(
        [
            f'<svg viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}" '
            f'role="img" aria-label="{label}" style="font:12px system-ui,sans-serif">',
            *_axis(main, low, high, left, height),
            *_rows(found, low, high, left),
            "</svg>",
        ]
    )


def _axis(main: str, low: float, high: float, left: float, height: int) -> Iterator[str]:
    for tick in range(_TICKS + 1):
        value = low + (high - low) * tick / _TICKS
        x = left + _WIDTH * tick / _TICKS
        yield (
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{height - _BOTTOM}" '
            'stroke="currentColor" stroke-opacity=".18"/>'
        )
        yield (
            f'<text x="{x:.1f}" y="{height - _BOTTOM + 16}" text-anchor="middle" '
            f'fill="currentColor">{value:.3g}</text>'
        )
    yield (
        f'<text x="{left - 2.5 * _GAP:.1f}" y="{height - _BOTTOM + 16}" text-anchor="end" '
        f'fill="currentColor" font-weight="600">{escape(main)}</text>'
    )


def _rows(
    found: Mapping[str, Mapping[str, Any]], low: float, high: float, start: float
) -> Iterator[str]:
    def place(value: float) -> float:
        return start + _WIDTH * (value - low) / ((high - low) or 1.0)

    for row, (name, one) in enumerate(found.items()):
        y = _TOP + _LINE * (row + 0.5)
        left, right = (place(value) for value in one["ci"])
        yield (
            f'<text x="{start - _GAP:.1f}" y="{y + 4}" text-anchor="end" fill="currentColor">'
            f"{_named(name)}</text>"
        )
        yield (
            f'<line x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}" stroke="#1f83c4" '
            'stroke-width="7" stroke-opacity=".45" stroke-linecap="round"/>'
        )
        yield f'<circle cx="{place(one["value"]):.1f}" cy="{y}" r="5" fill="#1f83c4"/>'


def _named(name: str) -> str:
    """A name that fits into its column; the pointer shows the whole."""
    if len(name) <= _LONGEST:
        return escape(name)
    return f"<title>{escape(name)}</title>{escape(name[: _LONGEST - 1])}\N{HORIZONTAL ELLIPSIS}"
