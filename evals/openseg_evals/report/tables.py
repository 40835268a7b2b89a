"""The tables of a report as plain rows, for Markdown and HTML alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openseg_evals.report.numbers import number, shown, with_interval

_MEGABYTE = 2**20


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        title: What it shows.
        head: Names of the columns.
        rows: Cells as text; the first column names the row.
        note: What one must know to read it.
    """

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""


@dataclass(frozen=True)
class Tables:
    """The tables of a report, in its order.

    Attributes:
        scores: The numbers.
        comparisons: Between pipelines, and with published numbers.
        breakdowns: The main number by the data set's tags.
        run: What it cost and what failed.
    """

    scores: Table
    comparisons: list[Table]
    breakdowns: list[Table]
    run: list[Table]


def tables(results: Mapping[str, Any], costs: Mapping[str, Any]) -> Tables:
    """Every table of an evaluation.

    Args:
        results: What `results.json` holds.
        costs: What `timings.json` holds.
    """
    about = [_paired(results), _reported(results)]
    return Tables(
        scores=_scores(results),
        comparisons=[one for one in about if one.rows],
        breakdowns=_breakdowns(results),
        run=[one for one in (_costs(costs), _failures(results)) if one.rows],
    )


def _scores(results: Mapping[str, Any]) -> Table:
    names = shown(results)
    rows = [
        [name, *(with_interval(one["metrics"][key]) for key in names), str(one["failed"])]
        for name, one in results["pipelines"].items()
    ]
    note = (
        f"{results['units']} units. In brackets: 95 % interval, percentile bootstrap over units, "
        f"the same draws for every pipeline.{_direction(results)}"
    )
    return Table("Scores", ["pipeline", *names, "failed"], rows, note)


def _direction(results: Mapping[str, Any]) -> str:
    return "" if results["higher_is_better"] else " Lower is better."


def _paired(results: Mapping[str, Any]) -> Table:
    rows = [
        [
            f"{one['a']} - {one['b']}",
            number(one["difference"], signed=True),
            str(one["n"]),
            f"{one['p']:.2g}",
            f"{one['p_holm']:.2g}",
        ]
        for one in results["paired"]
    ]
    note = (
        f"Score of a unit: {results['unit_score']}. Sign-flip permutation test, two-sided."
        f"{_direction(results)}"
    )
    head = ["pair", "mean difference", "units", "p", "p (Holm)"]
    return Table("Which differences are real", head, rows, note)


def _reported(results: Mapping[str, Any]) -> Table:
    rows = []
    for one in results["reported"]:
        mine = results["pipelines"].get(one["pipeline"])
        ours = mine["metrics"].get(one["metric"], {}).get("value") if mine else None
        gap = None if ours is None else ours - one["value"]
        rows.append(
            [
                one["method"],
                one["metric"],
                f"{one['value']:g}",
                number(ours),
                number(gap, signed=True),
                one["source"],
                one["differs"],
            ]
        )
    head = ["published method", "metric", "published", "here", "difference", "source", "differs"]
    return Table("Beside published numbers", head, rows)


def _breakdowns(results: Mapping[str, Any]) -> list[Table]:
    pipelines = results["pipelines"]
    tags = next(iter(pipelines.values()))["tags"]
    found = []
    for tag, values in tags.items():
        rows = [
            [
                value,
                str(one["units"]),
                *(number(other["tags"][tag][value]["value"]) for other in pipelines.values()),
            ]
            for value, one in values.items()
        ]
        found.append(Table(f"{results['main']} by {tag}", [tag, "units", *pipelines], rows))
    return found


def _costs(costs: Mapping[str, Any]) -> Table:
    """A row a node of the pipelines, and one for all that only the oracle needed."""
    rows = []
    oracle = dict.fromkeys(("computed", "cached", "calls", "seconds", "peak_bytes"), 0.0)
    for node, one in costs["nodes"].items():
        users = [name for name, nodes in costs["methods"].items() if node in nodes]
        pipelines = [name for name in users if "@" not in name]
        if pipelines:
            rows.append(_cost(node, ", ".join(pipelines), one))
            continue
        for key in oracle:
            both = oracle[key], one[key]
            oracle[key] = max(both) if key == "peak_bytes" else sum(both)
    if oracle["calls"]:
        rows.append(_cost("all that stands in for ground truth", "oracle", oracle))
    head = ["node", "used by", "computed", "from cache", "calls", "s", "ms each", "peak MB"]
    note = "What pipelines share is computed once. Times are of this machine and change with it."
    return Table("What it cost", head, rows, note)


def _cost(node: str, users: str, one: Mapping[str, float]) -> list[str]:
    each = 1000 * one["seconds"] / one["computed"] if one["computed"] else None
    return [
        node,
        users,
        *(str(int(one[key])) for key in ("computed", "cached", "calls")),
        f"{one['seconds']:.1f}",
        number(each),
        f"{one['peak_bytes'] / _MEGABYTE:.0f}",
    ]


def _failures(results: Mapping[str, Any]) -> Table:
    rows = [
        [name, one["id"], one["error"]]
        for name, pipeline in results["pipelines"].items()
        for one in pipeline["failures"]
    ]
    return Table(
        "Samples that failed", ["pipeline", "sample", "error"], rows, "They count as empty."
    )
