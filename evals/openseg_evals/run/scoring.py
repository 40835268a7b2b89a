"""Numbers from predictions: values with intervals, breakdowns, paired tests, oracle steps.

Everything here reads files, so an evaluation can be scored again without its models, and the same
predictions always give the same `results.json` and `units.jsonl`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openseg.io.files import write_atomic
from openseg.io.jsonl import read_lines
from openseg.types.errors import InputError
from openseg_evals.run.benchmark import Benchmark
from openseg_evals.run.contestants import Contestant
from openseg_evals.run.folder import EvalFolder
from openseg_evals.run.predict import FAILURES
from openseg_evals.samples import Dataset, EvalSample
from openseg_evals.score.registry import find_metric, tally
from openseg_evals.stats.bootstrap import bootstrap
from openseg_evals.stats.holm import holm
from openseg_evals.stats.permutation import paired_permutation
from openseg_evals.tally import Tally
from openseg_evals.tasks.task import Predictions

RESULTS = "results.json"
UNITS = "units.jsonl"
EXAMPLES = 5


def score_all(
    folder: EvalFolder,
    benchmark: Benchmark,
    dataset: Dataset,
    conventions: Mapping[str, str],
    methods: Sequence[Contestant],
    files: Mapping[str, Predictions],
    samples: Sequence[EvalSample],
) -> dict[str, Any]:
    """Scores the predictions in a folder and writes `results.json` and `units.jsonl`.

    Args:
        folder: Where they lie.
        benchmark: What they answer.
        dataset: Where the truth lies.
        conventions: The metric's conventions.
        methods: Who made them.
        files: The prediction files by method.
        samples: The samples of the run; only their units are scored.

    Returns:
        What `results.json` holds.
    """
    truth = dataset.truth(folder.path / "truth")
    tallies = {
        one.name: tally(benchmark.metric, truth, files[one.name].path, conventions)
        for one in methods
    }
    first = next(iter(tallies.values()))
    rows, tags = _units(first, samples, str(truth))
    pipelines = [one for one in methods if not one.step]
    failures = read_lines(folder.path / FAILURES)
    results: dict[str, Any] = {
        "benchmark": benchmark.name,
        "version": benchmark.version,
        "about": benchmark.about,
        "samples": len(samples),
        "samples_in_all": len(dataset.samples),
        "units": len(rows),
        "metric": benchmark.metric,
        "conventions": dict(conventions),
        "main": benchmark.main,
        "higher_is_better": find_metric(benchmark.metric).higher_is_better,
        "shown": list(benchmark.shown),
        "unit_score": first.unit_score_name,
        "pipelines": {},
    }
    for method in pipelines:
        mine = [one for one in failures if one["pipeline"] == method.name]
        results["pipelines"][method.name] = {
            "about": dict(method.graph.about),
            **_numbers(tallies[method.name], rows),
            "tags": _breakdown(tallies[method.name], rows, tags, benchmark.main),
            "failed": len(mine),
            "failures": [{"id": one["id"], "error": one["error"]} for one in mine[:EXAMPLES]],
            "reported": [
                one.model_dump() for one in benchmark.reported if one.pipeline == method.name
            ],
            "oracle": {
                one.step: _main(tallies[one.name].scores(rows), benchmark.main)
                for one in methods
                if one.pipeline == method.name and one.step
            },
            "oracle_labels": {
                one.step: one.label for one in methods if one.pipeline == method.name and one.step
            },
        }
    results["reported"] = [one.model_dump() for one in benchmark.reported]
    results["paired"] = _paired({one.name: tallies[one.name] for one in pipelines}, rows)
    _write_units(folder, {one.name: tallies[one.name] for one in pipelines}, rows, tags)
    folder.write_json(RESULTS, results)
    return results


def _units(
    counted: Tally, samples: Sequence[EvalSample], where: str
) -> tuple[NDArray[np.int64], list[Mapping[str, str]]]:
    """The rows of the run's units in the tally, in the run's order, and their tags."""
    place = {unit: row for row, unit in enumerate(counted.units)}
    tags: dict[str, Mapping[str, str]] = {}
    for sample in samples:
        if sample.unit not in place:
            what = f"the truth does not have the unit {sample.unit!r} of sample {sample.id!r}"
            raise InputError(what, where=where, fix="the data set and its truth do not fit")
        tags.setdefault(sample.unit, sample.tags)
    rows = np.array([place[unit] for unit in tags], dtype=np.int64)
    return rows, list(tags.values())


def _numbers(counted: Tally, rows: NDArray[np.int64]) -> dict[str, Any]:
    """Single numbers with their intervals, and tables (values by class) as they are."""
    scores = counted.scores(rows)
    intervals = bootstrap(counted, rows)
    metrics = {
        name: {"value": value, "ci": intervals.get(name)}
        for name, value in scores.items()
        if value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    }
    return {
        "metrics": metrics,
        "tables": {name: value for name, value in scores.items() if name not in metrics},
    }


def _breakdown(
    counted: Tally, rows: NDArray[np.int64], tags: Sequence[Mapping[str, str]], main: str
) -> dict[str, dict[str, Any]]:
    """The main number over the units of each value of each tag, and how many there are."""
    found: dict[str, dict[str, Any]] = {}
    for key in sorted({key for one in tags for key in one}):
        values = [one.get(key, "") for one in tags]
        for value in sorted(set(values) - {""}):
            chosen = rows[[one == value for one in values]]
            number = _main(counted.scores(chosen), main)
            found.setdefault(key, {})[value] = {"units": len(chosen), main: number}
    return found


def _main(scores: Mapping[str, Any], main: str) -> float | None:
    """A number by its name; names of nested tables are joined by dots."""
    value: Any = scores
    for key in [main] if main in scores else main.split("."):
        value = value[key]
    return None if value is None else float(value)


def _paired(tallies: Mapping[str, Tally], rows: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Every pair of pipelines: difference of the unit scores and how surprising it is."""
    pairs = list(combinations(tallies, 2))
    tests = [
        paired_permutation(tallies[a].unit_scores[rows], tallies[b].unit_scores[rows])
        for a, b in pairs
    ]
    corrected = holm([one.p for one in tests])
    return [
        {"a": a, "b": b, "difference": one.difference, "n": one.n, "p": one.p, "p_holm": p}
        for (a, b), one, p in zip(pairs, tests, corrected, strict=True)
    ]


def _write_units(
    folder: EvalFolder,
    tallies: Mapping[str, Tally],
    rows: NDArray[np.int64],
    tags: Sequence[Mapping[str, str]],
) -> None:
    """One line a unit: its tags and what each pipeline scores on it."""
    names = next(iter(tallies.values())).units
    lines = []
    for row, tag in zip(rows.tolist(), tags, strict=True):
        scores = {name: _plain(one.unit_scores[row]) for name, one in tallies.items()}
        lines.append(json.dumps({"unit": names[row], "tags": dict(tag), "scores": scores}))
    write_atomic(folder.path / UNITS, "".join(f"{line}\n" for line in lines).encode())


def _plain(value: np.float64) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
