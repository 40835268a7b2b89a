"""`openseg ls benchmarks`."""

from __future__ import annotations

from openseg.cli import console
from openseg_evals.cli import family
from openseg_evals.run.benchmark import benchmark_names, find_benchmarks


def benchmarks() -> str:
    """A table of the benchmarks, their data, their metric and what they measure."""
    rows = [[family.NAME, "world rooms", "", "", family.ABOUT]]
    for name in benchmark_names():
        [one] = [found for found in find_benchmarks(name) if found.name == name]
        data = f"world {one.dataset.world}" if one.dataset.world else f"{one.dataset.folder}/"
        rows.append([name, data, one.metric, one.main, one.about])
    return console.table(sorted(rows), ["benchmark", "data", "metric", "main", "about"])
