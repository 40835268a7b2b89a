"""An evaluation on the terminal, and as the object that `openseg eval --json` prints."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openseg.api.spending import Report, line
from openseg.cli import console
from openseg_evals.oracle.waterfall import Waterfall, waterfall
from openseg_evals.report.numbers import number, shown, with_interval
from openseg_evals.run.costs import seconds_of
from openseg_evals.run.predict import TIMINGS


def as_json(folder: Path, results: Mapping[str, Any]) -> dict[str, Any]:
    """The object of `--json`.

    Args:
        folder: The evaluation's folder.
        results: What `results.json` holds.
    """
    if "shard" in results:
        return dict(results)
    costs = json.loads((folder / TIMINGS).read_text("utf-8"))
    return {
        "benchmark": results["benchmark"],
        "samples": results["samples"],
        "pipelines": {
            name: {
                "metrics": one["metrics"],
                "oracle": one["oracle"],
                "failed": one["failed"],
                "seconds": round(seconds_of(costs, name), 3),
            }
            for name, one in results["pipelines"].items()
        },
        "paired": results["paired"],
        **({"spending": costs["spending"]} if costs.get("spending") else {}),
        "out": str(folder),
    }


def as_text(folder: Path, results: Mapping[str, Any]) -> str:
    """What `openseg eval` prints: the table, tests, the oracle's waterfalls, where things lie."""
    if "shard" in results:
        count = results["samples"]
        return f"{results['benchmark']}, shard {results['shard']}: {count} samples done, {folder}"
    parts = [
        f"{results['benchmark']}: {results['units']} units, {results['samples']} samples",
        _table(results),
        *_tests(results["paired"], results["unit_score"]),
        *_failures(results["pipelines"]),
        *(one.as_text() for one in waterfalls(results)),
        *(line(family, report) for family, report in _spent(folder).items()),
        f"report: {folder / 'report.html'}",
    ]
    return "\n\n".join(part for part in parts if part)


def _spent(folder: Path) -> Mapping[str, Report]:
    """What language models cost the evaluation, by family."""
    spent: Mapping[str, Report] = json.loads((folder / TIMINGS).read_text("utf-8")).get(
        "spending", {}
    )
    return spent


def waterfalls(results: Mapping[str, Any]) -> list[Waterfall]:
    """The waterfall of each pipeline, if the oracle was asked and the main number exists.

    None where lower is better: there is no scale from nothing to all to draw it on.
    """
    main = results["main"]
    return [
        waterfall(
            name,
            main,
            one["metrics"][main]["value"],
            one["oracle"],
            one["oracle_labels"],
            results["best"],
        )
        for name, one in results["pipelines"].items()
        if results["higher_is_better"]
        and one["oracle"]
        and None not in {one["metrics"][main]["value"], *one["oracle"].values()}
    ]


def _table(results: Mapping[str, Any]) -> str:
    names = shown(results)
    rows = [
        [pipeline, *(with_interval(one["metrics"][name]) for name in names)]
        for pipeline, one in results["pipelines"].items()
    ]
    return console.table(rows, ["", *names])


def _tests(paired: Sequence[Mapping[str, Any]], score: str) -> list[str]:
    return [
        f"{one['a']} - {one['b']}: {number(one['difference'], signed=True)} {score}"
        f" (n = {one['n']}, p = {one['p_holm']:.2g}, permutation, Holm)"
        for one in paired
    ]


def _failures(pipelines: Mapping[str, Any]) -> list[str]:
    return [
        f"{name}: {one['failed']} samples failed and count as empty; the first: "
        f"{one['failures'][0]['id']}: {one['failures'][0]['error']}"
        for name, one in pipelines.items()
        if one["failed"]
    ]
