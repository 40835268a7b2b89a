"""A bench as a table for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openseg_evals.bench.rows import Missing, Row

HEAD = ["case", "ours", "peer", "ratio", "interval", "cpu", "floor", "holds"]


def as_table(rows: Sequence[Row | Missing]) -> list[list[str]]:
    """Cells of the table, a list a line; `HEAD` names its columns."""
    return [_cells(row) for row in rows]


def remarks(rows: Sequence[Row | Missing]) -> list[str]:
    """What stands below the table: against what, and how the results were compared."""
    lines = []
    for row in rows:
        if isinstance(row, Missing):
            lines.append(f"{row.name}: {row.reason}")
        else:
            note = f"; {row.note}" if row.note else ""
            same = "same results" if row.agrees else "RESULTS DIFFER"
            lines.append(f"{row.name}: against {row.against}; {same}: {row.agreement}{note}")
    return lines


def as_json(
    machine: dict[str, Any], rows: Sequence[Row | Missing], *, full: bool
) -> dict[str, Any]:
    """The object that `openseg bench --json` prints.

    Args:
        machine: What ran the bench.
        rows: Its lines.
        full: Whether at the size the floors speak of.
    """
    return {
        "machine": machine,
        "size": "full" if full else "small",
        "cases": {row.name: row.as_json() for row in rows},
    }


def _cells(row: Row | Missing) -> list[str]:
    if isinstance(row, Missing):
        return [row.name, *[""] * (len(HEAD) - 2), "not measured"]
    low, high = row.ratio.low, row.ratio.high
    return [
        row.name,
        f"{row.ours:.4g} {row.unit}",
        f"{row.peer:.4g} {row.unit}",
        f"{row.ratio.median:.3g}",
        f"{low:.3g}-{high:.3g} ({row.pairs})",
        "" if row.cpu_ratio is None else f"{row.cpu_ratio:.3g}",
        str(row.floor),
        "yes" if row.holds else "NO",
    ]
