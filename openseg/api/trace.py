"""Where a mask came from: a walk from one row of an output back through the graph.

A stage whose output has as many rows as an input keeps rows aligned; a stage that selects gives a
`Rows` output that says which rows it kept. Where neither holds, the rows were made there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from openseg.graph.graph import Graph, Node, Source
from openseg.types import Descriptions, Instances3D, Phrases, Rows, Scores, Similarity
from openseg.types.text import Phrase


@dataclass(frozen=True)
class Evidence:
    """One step of a trace.

    Attributes:
        node: The node, or an empty string for the method's inputs.
        stage: The stage's name.
        row: The row of the node's outputs this step speaks of; None if it has no rows of its own.
        facts: What the node gave for that row, readable: scores, phrases, boxes.
        models: The model families that took part.
        because: The evidence it was made from.
    """

    node: str
    stage: str
    row: int | None
    facts: Mapping[str, Any]
    models: tuple[str, ...] = ()
    because: tuple[Evidence, ...] = field(default_factory=tuple)

    def __str__(self) -> str:
        return "\n".join(self._lines(0))

    def _lines(self, depth: int) -> list[str]:
        facts = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        row = f"[{self.row}]" if self.row is not None else ""
        place = f"{self.node}{row} ({self.stage})" if self.node else "input"
        head = f"{'  ' * depth}{place}{': ' + facts if facts else ''}"
        return [head, *(line for part in self.because for line in part._lines(depth + 1))]


def trace_row(
    graph: Graph, values: Mapping[Source, Any], source: Source, row: int | None
) -> Evidence:
    """Traces one row of a value.

    Args:
        graph: The method's graph.
        values: Every value that flowed, by source.
        source: The value to start from.
        row: Its row; None to trace the value as a whole.
    """
    if not source.node:
        return Evidence("", "", row, {source.port: describe(values.get(source), row)})
    node = graph.nodes[source.node]
    outputs = {port: values.get(Source(node.name, port)) for port in _output_ports(node)}
    facts = {port: text for port, v in outputs.items() if (text := describe(v, row)) is not None}
    kept = next((value for value in outputs.values() if isinstance(value, Rows)), None)
    count = _rows(values.get(source))
    because = []
    for origin in node.inputs.values():
        origin_row = row
        if kept is not None and row is not None:
            origin_row = int(kept.index[row])
        elif _rows(values.get(origin)) != count:
            origin_row = None
        aligned = _rows(values.get(origin)) is not None
        because.append(trace_row(graph, values, origin, origin_row if aligned else None))
    return Evidence(
        node.name, node.stage.name, row, facts, tuple(sorted(node.models.values())), tuple(because)
    )


def describe(value: Any, row: int | None) -> str | None:
    """A few readable words for a value, or for one row of it; None if there is nothing to say."""
    if isinstance(value, Descriptions):
        answers = value.items if row is None else value.row(row)
        return "; ".join(map(str, answers)) or None
    if row is None:
        text = getattr(value, "text", None) or getattr(value, "name", None)
        return repr(text) if text else None
    return _of_row(value, row)


def _of_row(value: Any, row: int) -> str | None:
    if isinstance(value, Scores):
        return f"{float(value.values[row]):.3f}"
    if isinstance(value, Similarity):
        return ", ".join(f"{score:.3f}" for score in value.values[row].tolist())
    if isinstance(value, Phrases):
        phrase: Phrase = value.items[row]
        return repr(phrase.text)
    if isinstance(value, Instances3D):
        words = repr(value.phrases.items[row].text) if value.phrases is not None else "object"
        return f"{words} {float(value.scores[row]):.3f}, {int(value.sizes[row])} points"
    box = getattr(value, "xyxy", None)
    return str([round(v, 1) for v in box[row].tolist()]) if box is not None else None


def _output_ports(node: Node) -> list[str]:
    from openseg.graph.stage import signature_of

    return list(signature_of(node.stage).outputs)


def _rows(value: Any) -> int | None:
    return len(value) if hasattr(value, "__len__") else None
