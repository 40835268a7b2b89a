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
from openseg_evals.run.names import check_names, number_at, plain_scores
from openseg_evals.run.predict import FAILURES
from openseg_evals.samples import AnyDataset, AnySample
from openseg_evals.score.registry import find_metric, tally
from openseg_evals.stats.bootstrap import bootstrap
from openseg_evals.stats.holm import holm
from openseg_evals.stats.permutation import sign_flip_test
from openseg_evals.tally import Tally, UnitTally
from openseg_evals.tasks.task import Predictions

RESULTS = "results.json"
UNITS = "units.jsonl"
EXAMPLES = 5


def score_all(
    folder: EvalFolder,
    benchmark: Benchmark,
    dataset: AnyDataset,
    conventions: Mapping[str, str],
    methods: Sequence[Contestant],
    files: Mapping[str, Predictions],
    samples: Sequence[AnySample],
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
    counted = {
        one.name: tally(benchmark.metric, truth, files[one.name].path, conventions)
        for one in methods
    }
    rows, tags = _units(next(iter(counted.values())), samples, str(truth))
    tallies = {name: _selected(one, rows) for name, one in counted.items()}
    first = next(iter(tallies.values()))
    check_names(plain_scores(first), benchmark)
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
        "best": benchmark.best,
        "higher_is_better": find_metric(benchmark.metric).higher_is_better,
        "shown": list(benchmark.shown),
        "unit_score": first.unit_score_name,
        "pipelines": {
            one.name: {
                "about": dict(one.graph.about),
                **_numbers(tallies[one.name], [benchmark.main, *benchmark.shown]),
                "tags": _breakdown(tallies[one.name], tags, benchmark.main),
                **_failures(one.name, failures),
                **_oracle(one.name, methods, tallies, benchmark.main),
            }
            for one in methods
            if not one.step
        },
        "reported": [one.model_dump() for one in benchmark.reported],
    }
    rivals = {one.name: tallies[one.name] for one in methods if not one.step}
    results["paired"] = _paired(rivals)
    _write_units(folder, rivals, tags)
    folder.write_json(RESULTS, results)
    return results


def _selected(counted: Tally, rows: NDArray[np.int64]) -> Tally:
    """The tally of some units only."""
    return UnitTally(
        [counted.units[row] for row in rows.tolist()],
        counted.unit_score_name,
        lambda chosen: counted.scores(rows[chosen]),
        lambda: counted.unit_scores[rows],
    )


def _units(
    counted: Tally, samples: Sequence[AnySample], where: str
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


def _numbers(counted: Tally, named: Sequence[str]) -> dict[str, Any]:
    """Numbers with their intervals; counts, and tables of values by class, as they are.

    Args:
        counted: The tally.
        named: Numbers of nested tables to take out, their names joined by dots: `All.pq`.
    """
    scores = plain_scores(counted)
    intervals = bootstrap(counted)
    single = {
        name: value for name, value in scores.items() if value is None or isinstance(value, float)
    }
    nested = {name: number_at(scores, name) for name in named if name not in single}
    return {
        "metrics": {
            name: {"value": value, "ci": intervals.get(name)}
            for name, value in {**nested, **single}.items()
        },
        "tables": {name: value for name, value in scores.items() if name not in single},
    }


def _breakdown(
    counted: Tally, tags: Sequence[Mapping[str, str]], main: str
) -> dict[str, dict[str, Any]]:
    """The main number over the units of each value of each tag, and how many there are."""
    found: dict[str, dict[str, Any]] = {}
    for key in sorted({key for one in tags for key in one}):
        values = [one.get(key, "") for one in tags]
        for value in sorted(set(values) - {""}):
            rows = np.flatnonzero([one == value for one in values])
            number = number_at(plain_scores(counted, rows), main)
            found.setdefault(key, {})[value] = {"units": len(rows), "value": number}
    return found


def _failures(name: str, failures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    mine = [one for one in failures if one["pipeline"] == name]
    examples = [{"id": one["id"], "error": one["error"]} for one in mine[:EXAMPLES]]
    return {"failed": len(mine), "failures": examples}


def _oracle(
    name: str, methods: Sequence[Contestant], tallies: Mapping[str, Tally], main: str
) -> dict[str, Any]:
    """The main number of each oracle variant of a pipeline, in the order of the steps."""
    mine = [one for one in methods if one.pipeline == name and one.step]
    return {
        "oracle": {one.step: number_at(plain_scores(tallies[one.name]), main) for one in mine},
        "oracle_labels": {one.step: one.label for one in mine},
    }


def _paired(tallies: Mapping[str, Tally]) -> list[dict[str, Any]]:
    """Every pair of pipelines: difference of the unit scores and how surprising it is."""
    pairs = list(combinations(tallies, 2))
    tests = [sign_flip_test(tallies[a].unit_scores, tallies[b].unit_scores) for a, b in pairs]
    corrected = holm([one.p for one in tests])
    return [
        {"a": a, "b": b, "difference": _plain(one.difference), "n": one.n, "p": one.p, "p_holm": p}
        for (a, b), one, p in zip(pairs, tests, corrected, strict=True)
    ]


def _write_units(
    folder: EvalFolder, tallies: Mapping[str, Tally], tags: Sequence[Mapping[str, str]]
) -> None:
    """One line a unit: its tags and what each pipeline scores on it."""
    lines = []
    for row, (unit, tag) in enumerate(zip(next(iter(tallies.values())).units, tags, strict=True)):
        scores = {name: _plain(one.unit_scores[row]) for name, one in tallies.items()}
        lines.append(json.dumps({"unit": unit, "tags": dict(tag), "scores": scores}))
    write_atomic(folder.path / UNITS, "".join(f"{line}\n" for line in lines).encode())


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 6)
