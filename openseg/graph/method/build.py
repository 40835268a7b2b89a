"""The last checks, which need the whole graph, and the graph itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import networkx as nx

from openseg.graph.graph import Graph, Node
from openseg.graph.method.lookup import Lookup
from openseg.graph.method.marks import Marked
from openseg.graph.method.problem import Problem
from openseg.graph.method.spec import MethodSpec, Parsed
from openseg.graph.method.wiring import Wiring
from openseg.graph.models import ModelProvider


def build(parsed: Parsed, provider: ModelProvider, problems: list[Problem]) -> Graph | None:
    """Checks everything a method says and makes its graph.

    Args:
        parsed: The method.
        provider: The model families there are.
        problems: Receives the faults.

    Returns:
        The graph, or None if the method has faults.
    """
    found = Lookup(parsed, provider, problems)
    found.run()
    wiring = Wiring(parsed, found.stages, found.inputs, problems)
    wiring.check()
    dag = _dag(parsed.spec)
    problems += _cycles(dag, parsed.tree)
    if parsed.whole:
        problems += _unused(parsed, dag, found.used, wiring.lost)
    return None if problems else _graph(parsed.spec, found, dag)


def _dag(spec: MethodSpec) -> nx.DiGraph:
    dag = nx.DiGraph()
    dag.add_nodes_from(spec.nodes)
    for name, node in spec.nodes.items():
        for port, source in node.inputs.items():
            if source.node in spec.nodes:
                if not dag.has_edge(source.node, name):
                    dag.add_edge(source.node, name, ports=[])
                dag.edges[source.node, name]["ports"].append((source.port, port))
    return dag


def _cycles(dag: nx.DiGraph, tree: Marked) -> list[Problem]:
    problems = []
    for group in nx.strongly_connected_components(dag):
        first = min(group, key=list(dag).index)
        if len(group) == 1 and not dag.has_edge(first, first):
            continue
        loop = [edge[0] for edge in nx.find_cycle(dag.subgraph(group), first)]
        name, last = loop[0], loop[-1]
        at = tree.entries["nodes"].entries[name].entries["in"].entries
        port = dag.edges[last, name]["ports"][0][1]
        what = f"the nodes form a cycle: {' -> '.join([*loop, name])}"
        problems.append(Problem(str(at[port].place), what, "a node cannot read what depends on it"))
    return problems


def _unused(parsed: Parsed, dag: nx.DiGraph, used: set[str], lost: set[str]) -> list[Problem]:
    """What leads nowhere, except where a misspelt source may have meant it."""
    spec, entries = parsed.spec, parsed.tree.entries
    read = {source.node for source in spec.outputs.values()} & set(dag)
    needed = read.union(*(nx.ancestors(dag, name) for name in read))
    problems = []
    if "nodes" not in lost:
        for name in spec.nodes:
            if name not in needed:
                what = f"node `{name}` is unused: no output of the method depends on it"
                fix = "name one of its outputs in `outputs`, or remove the node"
                problems.append(Problem(str(entries["nodes"].entries[name].key), what, fix))
    sources = {
        source.port
        for written in [spec.outputs, *(node.inputs for node in spec.nodes.values())]
        for source in written.values()
        if not source.node
    }
    for name in spec.inputs:
        if name not in sources and "inputs" not in lost:
            place = str(entries["inputs"].entries[name].key)
            problems.append(Problem(place, f"the input `{name}` is unused", "remove it"))
    for model in spec.models:
        if model not in used:
            place = str(entries["models"].entries[model].key)
            what = f"the model `{model}` is unused: no node has a role of this name"
            problems.append(Problem(place, what, "remove it, or name it in a node's `with`"))
    return problems


def _graph(spec: MethodSpec, found: Lookup, dag: nx.DiGraph) -> Graph:
    position = {name: i for i, name in enumerate(spec.nodes)}
    order = nx.lexicographical_topological_sort(dag, key=position.__getitem__)
    nodes = {
        name: Node(
            name,
            found.stages[name],
            found.configs[name],
            dict(spec.nodes[name].inputs),
            found.models[name],
        )
        for name in order
    }
    return Graph(
        name=spec.name,
        about=spec.about,
        inputs=found.inputs,
        nodes=nodes,
        outputs=dict(spec.outputs),
        dag=dag,
        resolved=_resolved(spec, nodes),
        optional=frozenset(found.optional),
    )


def _resolved(spec: MethodSpec, nodes: Mapping[str, Node]) -> dict[str, Any]:
    """The method as YAML could say it, with every setting written out."""
    written: dict[str, Any] = {}
    for name, node in spec.nodes.items():
        entry: dict[str, Any] = {"use": node.use, "in": _text(node.inputs)}
        if node.models:
            entry["with"] = dict(node.models)
        written[name] = entry | nodes[name].config.model_dump(mode="json")
    return {
        "name": spec.name,
        "about": dict(spec.about),
        "inputs": dict(spec.inputs),
        "models": dict(spec.models),
        "nodes": written,
        "outputs": _text(spec.outputs),
    }


def _text(sources: Mapping[str, Any]) -> dict[str, str]:
    return {port: str(source) for port, source in sources.items()}
