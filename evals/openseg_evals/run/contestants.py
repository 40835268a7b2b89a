"""The methods of an evaluation: the pipelines, and what the oracle makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from openseg.graph.graph import Graph
from openseg.graph.loader import load
from openseg.graph.run.plan import merge
from openseg.models.store import ModelStore
from openseg.types.errors import UserError
from openseg_evals.oracle.variants import variants, with_given


@dataclass(frozen=True)
class Contestant:
    """A method of the run.

    Attributes:
        name: Its name in files: `grounded_sam`, or `grounded_sam@masks` for an oracle variant.
        pipeline: The pipeline it is, or was made from.
        step: The oracle step; empty for the pipeline itself.
        label: The step in words.
        graph: Its graph.
    """

    name: str
    pipeline: str
    step: str
    label: str
    graph: Graph


def contestants(
    pipelines: Sequence[str],
    models: ModelStore,
    check: Callable[[Graph], None],
    *,
    oracle: bool,
    given: Sequence[str] = (),
) -> list[Contestant]:
    """Loads and checks pipelines; nothing that has weights is loaded.

    Args:
        pipelines: Names or YAML files.
        models: Where weights are looked for.
        check: Checks that the benchmark can feed a method and score what it gives.
        oracle: Whether to add the oracle's variants.
        given: Steps of the oracle that the benchmark gives to every method.

    Raises:
        UserError: If a pipeline is wrong, cannot answer, lacks weights, or two share a name or
            have inputs of one name and different types.
    """
    found: list[Contestant] = []
    for name in pipelines:
        graph = load(name, models)
        for family in graph.families():
            models.locate(family)
        check(graph)
        played = with_given(graph, given)
        if any(one.name == graph.name for one in found):
            raise UserError(
                f"two pipelines are called '{graph.name}'", fix="give each its own `name:`"
            )
        found.append(Contestant(graph.name, graph.name, "", "", played))
        if oracle:
            found += [
                Contestant(one.graph.name, graph.name, one.step, one.label, one.graph)
                for one in variants(graph, given)
            ]
    graphs = [one.graph for one in found]
    merge(graphs, {family: family for graph in graphs for family in graph.families()})
    return found
