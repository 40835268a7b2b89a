"""Every edge of a method looked up: its source, both ports, and whether their types fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from openseg.graph.graph import Source
from openseg.graph.method.marks import Marked
from openseg.graph.method.problem import Problem, closest, did_you_mean
from openseg.graph.method.spec import NodeSpec, Parsed
from openseg.graph.stage import Port, Stage, signature_of


@dataclass(frozen=True)
class Wiring:
    """Checks one method's edges.

    Attributes:
        parsed: The method.
        stages: The stage of each node that has a known one.
        inputs: The method's inputs that have a known type.
        problems: Receives the faults.
        lost: Receives `nodes` or `inputs` when a source names nothing there: what looks unused in
            that section may be what it meant.
    """

    parsed: Parsed
    stages: Mapping[str, type[Stage]]
    inputs: Mapping[str, type]
    problems: list[Problem]
    lost: set[str] = field(default_factory=set)

    def check(self) -> None:
        """Checks the inputs of every node and the outputs of the method."""
        for name, node in self.parsed.spec.nodes.items():
            at = self.parsed.tree.entries["nodes"].entries[name]
            if name in self.stages:
                self._check_node(name, node, at)
            else:
                self._check_sources(node.inputs, at.entries.get("in"))
        self._check_sources(self.parsed.spec.outputs, self.parsed.tree.entries.get("outputs"))

    def _check_sources(self, sources: Mapping[str, Source], section: Marked | None) -> None:
        for port, source in sources.items():
            if section is not None:
                self._kind_of(source, section.entries[port], None)

    def _check_node(self, name: str, node: NodeSpec, at: Marked) -> None:
        stage = self.stages[name]
        ports = signature_of(stage).inputs
        section = at.entries.get("in", at)
        unknown = {port: source for port, source in node.inputs.items() if port not in ports}
        self._check_sources(unknown, section)
        for word in unknown:
            advice = did_you_mean(word, ports)
            if word in stage.Config.model_fields:
                advice = f"`{word}` is a setting; write it beside `use`, not inside `in`"
            what = f"`{node.use}` has no input `{word}`"
            self.problems.append(Problem(str(section.entries[word].key), what, advice))
        for port in ports.values():
            if port.name in node.inputs:
                self._check_edge(name, node, port, section.entries[port.name])
            elif port.required and not unknown and not _unclear(section, port.name):
                what = f"node `{name}` ({node.use}) lacks the input `{port.name}`"
                source = next(self._sources_of(port.kind, name), None)
                advice = f"for example `{port.name}: {source}`" if source else ""
                problem = Problem(str(section.key), f"{what}, which takes {_title(port)}", advice)
                self.problems.append(problem)
        for group in stage.needs_one_of:
            misplaced = any(port in at.entries or _unclear(section, port) for port in group)
            if not unknown and not misplaced:
                what = f"node `{name}` ({node.use}) reads none of {', '.join(group)}"
                problem = Problem(
                    str(section.key), what, f"connect at least one of {' or '.join(group)}"
                )
                self.problems.append(problem)

    def _check_edge(self, name: str, node: NodeSpec, port: Port, at: Marked) -> None:
        source = node.inputs[port.name]
        kind = self._kind_of(source, at, port)
        if kind is None or issubclass(kind, port.kind):
            return
        fitting = list(self._sources_of(port.kind, name))
        same_node = [other for other in fitting if other.node == source.node]
        advice = f"did you mean `{(same_node or fitting)[0]}`?" if fitting else ""
        what = (
            f"`{source}` gives {kind.__name__}, but the input `{port.name}` of node `{name}` "
            f"({node.use}) takes {_title(port)}"
        )
        self.problems.append(Problem(str(at.place), what, advice))

    def _kind_of(self, source: Source, at: Marked, wanted: Port | None) -> type | None:
        """The type a source gives; None where it has none, after a problem that says why."""
        where = str(at.place)
        if not source.node:
            return self._kind_of_input(source.port, where, wanted)
        if source.node not in self.stages:
            known = source.node in self.parsed.spec.nodes
            if not known and not self.parsed.unsure("nodes", source.node):
                self.problems.append(Problem(where, *self._unknown_node(source, wanted)))
            return None
        outputs = signature_of(self.stages[source.node]).outputs
        if source.port in outputs:
            return outputs[source.port].kind
        use = self.parsed.spec.nodes[source.node].use
        what = f"node `{source.node}` ({use}) has no output `{source.port}`"
        near = self._output_like(source.node, source.port, wanted)
        there = f"its outputs: {', '.join(outputs)}"
        advice = f"did you mean `{source.node}.{near}`?" if near else there
        self.problems.append(Problem(where, what, advice))
        return None

    def _kind_of_input(self, name: str, where: str, wanted: Port | None) -> type | None:
        if name in self.parsed.spec.inputs or self.parsed.unsure("inputs", name):
            return self.inputs.get(name)
        what, advice = f"the method has no input `{name}`", did_you_mean(name, self.inputs)
        if name in self.stages:
            what = f"`{name}` is a node; a source names one of its outputs"
            port = self._output_like(name, "", wanted)
            outputs = ", ".join(
                f"`{name}.{out}`" for out in signature_of(self.stages[name]).outputs
            )
            advice = f"did you mean `{name}.{port}`?" if port else f"one of {outputs}"
        else:
            self.lost.add("inputs")
        self.problems.append(Problem(where, what, advice))
        return None

    def _unknown_node(self, source: Source, wanted: Port | None) -> tuple[str, str]:
        self.lost.add("nodes")
        what = f"there is no node `{source.node}`"
        if source.node in self.inputs:
            return what, f"`{source.node}` is an input and has no ports: write `{source.node}`"
        near = closest(source.node, self.stages)
        if near is None:
            return what, did_you_mean(source.node, self.parsed.spec.nodes)
        port = self._output_like(near, source.port, wanted) or source.port
        return what, f"did you mean `{near}.{port}`?"

    def _output_like(self, node: str, port: str, wanted: Port | None) -> str | None:
        """The output of a node that was probably meant: by its name, else by its type."""
        outputs = signature_of(self.stages[node]).outputs
        fitting = [o.name for o in outputs.values() if wanted and issubclass(o.kind, wanted.kind)]
        only = fitting[0] if len(fitting) == 1 else None
        return port if port in outputs else closest(port, outputs) or only

    def _sources_of(self, kind: type, reader: str) -> Iterator[Source]:
        """Sources of a type that a node could read, outputs of nodes written before it first."""
        for name, given in self.inputs.items():
            if issubclass(given, kind):
                yield Source("", name)
        downstream = _readers(self.parsed.spec.nodes, reader)
        for name, stage in self.stages.items():
            if name not in downstream:
                for port in signature_of(stage).outputs.values():
                    if issubclass(port.kind, kind):
                        yield Source(name, port.name)


def _readers(nodes: Mapping[str, NodeSpec], start: str) -> set[str]:
    """A node and all that read from it, directly or not."""
    found, frontier = {start}, [start]
    while frontier:
        last = frontier.pop()
        for name, node in nodes.items():
            if name not in found and any(source.node == last for source in node.inputs.values()):
                found.add(name)
                frontier.append(name)
    return found


def _unclear(section: Marked, port: str) -> bool:
    """Whether a port that no source is known for was written, in a way that is at fault."""
    return port in section.entries or not isinstance(section.data, dict)


def _title(port: Port) -> str:
    return port.kind.__name__
