"""What is to be run: the nodes of one or more methods, each distinct computation once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openseg.graph.address import definition_of, node_address, value_address
from openseg.graph.graph import Graph, Node, Source
from openseg.graph.stage import signature_of
from openseg.types.errors import MethodError


@dataclass(frozen=True)
class Step:
    """A node of the merged graph.

    Attributes:
        name: Unique in the plan; what events call it.
        node: The node of the first method that has it.
        definition: The address of what it does, see `openseg.graph.address.definition_of`.
        inputs: Where each connected input port reads, in the plan's names.
        outputs: The edge type of each output port.
        users: Positions of the methods that contain it.
    """

    name: str
    node: Node
    definition: str
    inputs: Mapping[str, Source]
    outputs: Mapping[str, type]
    users: frozenset[int]


@dataclass(frozen=True)
class Plan:
    """The methods of a run, merged.

    Attributes:
        graphs: The methods.
        inputs: The edge type of every input of any method.
        steps: The merged nodes; each comes after what it reads.
        sources: For each method, what its own sources are called in the plan.
    """

    graphs: tuple[Graph, ...]
    inputs: Mapping[str, type]
    steps: tuple[Step, ...]
    sources: tuple[Mapping[Source, Source], ...]


def merge(graphs: Sequence[Graph], fingerprints: Mapping[str, str]) -> Plan:
    """Merges methods: nodes that do the same with the same inputs become one step.

    Args:
        graphs: The methods.
        fingerprints: The fingerprint of every model family they use.

    Raises:
        MethodError: If two methods have an input of one name and different types.
    """
    inputs = _merged_inputs(graphs)
    # A structural address: like a content address, with the inputs' names for their content.
    structure = [_structure(graph, fingerprints) for graph in graphs]
    names = _names(graphs, structure)
    users: dict[str, set[int]] = {}
    for position, addresses in enumerate(structure):
        for address in addresses.values():
            users.setdefault(address, set()).add(position)

    sources: list[dict[Source, Source]] = []
    steps: dict[str, Step] = {}
    for graph, addresses in zip(graphs, structure, strict=True):
        known = {Source("", name): Source("", name) for name in graph.inputs}
        for node in graph.nodes.values():
            address = addresses[node.name]
            outputs = signature_of(node.stage).outputs
            known |= {Source(node.name, port): Source(names[address], port) for port in outputs}
            if address not in steps:
                steps[address] = Step(
                    names[address],
                    node,
                    definition_of(node, fingerprints),
                    {port: known[source] for port, source in node.inputs.items()},
                    {name: port.kind for name, port in outputs.items()},
                    frozenset(users[address]),
                )
        sources.append(known)
    return Plan(tuple(graphs), inputs, tuple(steps.values()), tuple(sources))


def _merged_inputs(graphs: Sequence[Graph]) -> dict[str, type]:
    inputs: dict[str, tuple[str, type]] = {}
    for graph in graphs:
        for name, kind in graph.inputs.items():
            other, known = inputs.setdefault(name, (graph.name, kind))
            if known is not kind:
                raise MethodError(
                    f"input '{name}' is {kind.__name__} in '{graph.name}' "
                    f"and {known.__name__} in '{other}'",
                    fix="methods that run together share their inputs; rename one",
                )
    return {name: kind for name, (_, kind) in inputs.items()}


def _structure(graph: Graph, fingerprints: Mapping[str, str]) -> dict[str, str]:
    """For each node of a method, a hash of all that leads to its outputs."""
    addresses: dict[str, str] = {}
    for node in graph.nodes.values():
        inputs = {
            port: value_address(addresses[source.node], source.port) if source.node else source.port
            for port, source in node.inputs.items()
        }
        addresses[node.name] = node_address(definition_of(node, fingerprints), inputs)
    return addresses


def _names(graphs: Sequence[Graph], structure: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """A name for each distinct node: its own, or `method.node` where that would be ambiguous."""
    first: dict[str, tuple[str, str]] = {}
    for graph, addresses in zip(graphs, structure, strict=True):
        for node, address in addresses.items():
            first.setdefault(address, (graph.name, node))
    plain = Counter(node for _, node in first.values())
    qualified = Counter(first.values())
    names = {}
    for address, (method, node) in first.items():
        name = node if plain[node] == 1 else f"{method}.{node}"
        # Two methods may even share a name: variants of one file made with --set.
        names[address] = name if qualified[method, node] == 1 else f"{name}@{address[:8]}"
    return names
