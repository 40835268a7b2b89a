"""The report as Markdown, for a repository or a pull request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openseg_evals.oracle.waterfall import Waterfall
from openseg_evals.report.tables import Table, Tables


def as_markdown(results: Mapping[str, Any], tables: Tables, waterfalls: Sequence[Waterfall]) -> str:
    """The whole report.

    Args:
        results: What `results.json` holds.
        tables: Its tables.
        waterfalls: The oracle's, if it was asked.
    """
    parts = [f"# {results['benchmark']}", _plain(results["about"]), _setting(results)]
    parts.append(_table(tables.scores))
    if waterfalls:
        parts.append("## What each stage costs")
        parts += [f"```text\n{one.as_text()}\n```" for one in waterfalls]
    others = [*tables.comparisons, *tables.breakdowns, *tables.run]
    parts += [_table(one) for one in others]
    return "\n\n".join(parts) + "\n"


def _setting(results: Mapping[str, Any]) -> str:
    conventions = ", ".join(f"{k}={v}" for k, v in results["conventions"].items() if v)
    some = (
        ""
        if results["samples"] == results["samples_in_all"]
        else (f" of {results['samples_in_all']}")
    )
    return (
        f"Version {results['version']}, {results['samples']}{some} samples, "
        f"metric `{results['metric']}` ({conventions})."
    )


def _table(table: Table) -> str:
    lines = [
        f"## {table.title}",
        "",
        _line(table.head),
        "|" + "---|" * len(table.head),
        *(_line(row) for row in table.rows),
    ]
    return "\n".join(lines + (["", table.note] if table.note else []))


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_plain(cell).replace("|", "\\|") for cell in cells) + " |"


def _plain(words: str) -> str:
    """Words on one line that are not taken for HTML."""
    return " ".join(words.split()).replace("<", "&lt;")
