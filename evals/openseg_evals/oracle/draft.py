"""A method's graph while the oracle works on it: values swapped for others, stages added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import networkx as nx

from openseg.graph.graph import Graph, Node, Source
from openseg.graph.stage import Stage, signature_of
from openseg.types import Rows
from openseg_evals.oracle import stages
from openseg_evals.oracle.columns import COLUMNS
from openseg_evals.oracle.ports import Ports, RowSet
from openseg_evals.oracle.truth import Truth

TRUTH = Source("", "truth")
"""The input that every oracle variant has."""


class Draft:
    """What is to become of a method; the method itself stays as it is.

    Everything that reads a swapped value reads the new one instead, except the stage that makes
    the new one.

    Args:
        graph: The method.

    Attributes:
        ports: What the method's types say.
        true_sets: Regions whose columns were swapped for the truth's.
    """

    def __init__(self, graph: Graph) -> None:
        self.ports = Ports(graph)
        self.true_sets: set[RowSet] = set()
        self._swaps: dict[Source, Source] = {}
        self._outputs = dict(graph.outputs)
        self._added: dict[str, Node] = {}

    def swap(self, old: Source, new: Source) -> None:
        """Has everything that reads one value read another."""
        self._swaps[old] = new

    def answer(self, output: str, new: Source) -> None:
        """Has an output of the method give another value."""
        self._outputs[output] = new

    def truth_at(self, regions: Source | None) -> Source:
        """The truth on the cloud that regions are points of; as it is, for all other regions."""
        cloud = self.ports.clouds.get(regions) if regions else None
        if cloud is None or self.ports.cloud is None:
            return TRUTH
        given = self.ports.cloud
        return self._add(f"truth on {cloud}", stages.Carry, truth=TRUTH, cloud=given, target=cloud)

    def true(self, kind: type, *, worded: bool = True, like: Source | None = None) -> Source:
        """The truth as a value of a type.

        Args:
            kind: The type.
            worded: Whether the words may be told; only types that can do without leave them out.
            like: The value it shall stand for, if that may be points of a cloud of its own.
        """
        truth = self.truth_at(like)
        name = f"true {kind.__name__}" if truth == TRUTH else f"true {kind.__name__} of {truth}"
        if worded or not COLUMNS[kind].named:
            return self._add(name, stages.true_value(kind), truth=truth)
        stage = stages.true_value(kind, worded=False)
        return self._add(f"{name} without words", stage, truth=truth)

    def overlap(self, regions: Source) -> Source:
        """How much regions overlap the truth."""
        stage, truth = stages.overlap_of(self.ports.kinds[regions]), self.truth_at(regions)
        return self._add(f"{regions} on truth", stage, regions=regions, truth=truth)

    def matched(self, regions: Source) -> Source:
        """The true region that each region overlaps most."""
        return self._add(f"{regions} matched", stages.Match, overlap=self.overlap(regions))

    def ranked(self, ranking: Source, regions: Source) -> Source:
        """A ranking as it would be if it were made of the overlap of regions with the truth."""
        asked, overlap = self.ports.asked(ranking), self.overlap(regions)
        stage = stages.ranked(self.ports.kinds[ranking])
        return self._add(f"{ranking} by truth", stage, overlap=overlap, truth=TRUTH, asked=asked)

    def choice(self, name: str, regions: Source) -> str:
        """The name of a node that keeps the best region for each true one."""
        overlap = self.overlap(regions)
        return self._add(name, stages.Choice, overlap=overlap, truth=TRUTH).node

    def taken(self, value: Source, kind: type, rows: Source) -> Source:
        """The rows of a value that an index names."""
        return self._add(f"{value} of {rows}", stages.taken(kind), value=value, rows=rows)

    def named(self, value: Source, kind: type, choice: str) -> Source:
        """Regions with the scores and phrases of the choice that kept them."""
        stage = stages.named(kind)
        scores, phrases = Source(choice, "scores"), Source(choice, "phrases")
        return self._add(f"{value} named", stage, value=value, scores=scores, phrases=phrases)

    def corrected(self, value: Source, rows: Source) -> Source:
        """A value with the true regions in the place of those that were made."""
        stage = stages.corrected(self.ports.kinds[value])
        return self._add(f"{value} corrected", stage, value=value, truth=TRUTH, rows=rows)

    def truth_of(self, regions: RowSet) -> Source | None:
        """Which true region each region stands for, where that is known without looking."""
        if regions in self.true_sets:
            return self.true(Rows)
        if regions.parent is None or regions.rows is None:
            return None
        known = self.truth_of(regions.parent)
        return None if known is None else self.taken(known, Rows, regions.rows)

    def graph(self, name: str) -> Graph:
        """The graph as it stands, without the nodes that no output needs any more.

        Args:
            name: What it is called.
        """
        original = self.ports.graph
        nodes = {
            node.name: replace(node, inputs=self._current(node))
            for node in [*original.nodes.values(), *self._added.values()]
        }
        outputs = {port: self._swaps.get(one, one) for port, one in self._outputs.items()}
        dag = _dag(nodes)
        ends = {source.node for source in outputs.values() if source.node}
        kept = ends.union(*(nx.ancestors(dag, end) for end in ends))
        order = list(nodes)
        dag = dag.subgraph(kept).copy()
        return replace(
            original,
            name=name,
            inputs={
                **{k: v for k, v in original.inputs.items() if Source("", k) not in self._swaps},
                TRUTH.port: Truth,
            },
            nodes={
                one: nodes[one] for one in nx.lexicographical_topological_sort(dag, key=order.index)
            },
            outputs=outputs,
            dag=dag,
        )

    def _add(self, name: str, stage: type[Stage], **inputs: Source) -> Source:
        """Adds a stage, under a name no method can give a node; gives its first output."""
        signature, query = signature_of(stage), self.ports.query
        if "query" in signature.inputs and query is not None:
            inputs["query"] = query
        self._added.setdefault(name, Node(name, stage, stage.Config(), inputs, {}))
        return Source(name, next(iter(signature.outputs)))

    def _current(self, node: Node) -> dict[str, Source]:
        now = {port: self._swaps.get(source, source) for port, source in node.inputs.items()}
        return {
            port: node.inputs[port] if source.node == node.name else source
            for port, source in now.items()
        }


def _dag(nodes: Mapping[str, Node]) -> Any:
    dag = nx.DiGraph()
    dag.add_nodes_from(nodes)
    for node in nodes.values():
        for port, source in node.inputs.items():
            if source.node:
                if not dag.has_edge(source.node, node.name):
                    dag.add_edge(source.node, node.name, ports=[])
                dag.edges[source.node, node.name]["ports"].append((source.port, port))
    return dag
