"""Which pipelines a benchmark can ask: several benchmarks ask different things of one list."""

from __future__ import annotations

from collections.abc import Sequence

from openseg.graph.graph import Graph
from openseg.graph.loader import load
from openseg.models.store import ModelStore
from openseg.types import Templates, TextQuery
from openseg.types.errors import UserError
from openseg_evals.datasets.registry import find_loader
from openseg_evals.run.benchmark import Benchmark
from openseg_evals.run.media import medium_of


def fitting(benchmark: Benchmark, pipelines: Sequence[str], models: ModelStore) -> list[str]:
    """The pipelines that take what a benchmark gives and answer what it asks, in order.

    Args:
        benchmark: The benchmark.
        pipelines: Names or YAML files.
        models: Where models are looked for; none is loaded.

    Raises:
        UserError: If a pipeline has a fault.
    """
    graphs = {name: load(name, models) for name in pipelines}
    shows = "templates" in getattr(find_loader(benchmark.dataset.use), "OPTIONS", {})
    return [name for name, graph in graphs.items() if _fits(benchmark, graph, shows=shows)]


def _fits(benchmark: Benchmark, graph: Graph, *, shows: bool) -> bool:
    """Whether a benchmark that shows pictures of things, or does not, can ask a method."""
    try:
        medium_of(benchmark.task).check(graph)
    except UserError:
        return False
    worded = TextQuery in graph.inputs.values()
    pictured = [name for name, kind in graph.inputs.items() if kind is Templates]
    needs = pictured and (not worded or pictured[0] not in graph.optional)
    return shows or not needs
