"""A method's graph as an SVG: boxes with stage, models and typed ports, edges from port to port.

Text is monospace, so that its width is known without font metrics and stays inside its box.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from openseg.graph.drawing import svg
from openseg.graph.drawing.layout import Box, Edge, Rect, place
from openseg.graph.graph import Graph, Node
from openseg.graph.stage import Port, signature_of
from openseg.types import EDGE_TYPES

MARGIN = 24.0
PAD = 14.0  # between a box's side and its text
ROW = 18.0  # height of a line of text
LONGEST = 40  # characters of a name that are shown


@dataclass
class _Card:
    """A box and what is written in it."""

    title: str
    hint: str = ""
    lines: list[str] = field(default_factory=list)
    inputs: list[Port] = field(default_factory=list)
    outputs: list[Port] = field(default_factory=list)
    seconds: float | None = None
    share: float = 0.0

    @property
    def head(self) -> float:
        """Height of the part above the ports; a method's input or output has none."""
        return PAD + ROW * (1 + len(self.lines)) if self.hint else 0.0

    def box(self) -> Box:
        """The card's size and ports."""
        rows = max(len(self.inputs), len(self.outputs))
        start = self.head + (PAD if self.hint else ROW / 2 + 4)
        title = self.title + (_time(self.seconds) + "  " if self.seconds is not None else "")
        pairs = [
            sum(svg.text_width(f"{port.name} {_kind(port)}  ", 11) for port in row)
            for row in _rows(self.inputs, self.outputs)
        ]
        texts = [svg.text_width(title, 13) if self.hint else 0]
        texts += [svg.text_width(line, 11) for line in self.lines]
        return Box(
            width=max(*texts, *pairs, 60.0) + 2 * PAD,
            height=start + ROW * (rows - 1) + (PAD if self.hint else ROW / 2 + 4),
            inputs={port.name: start + ROW * i for i, port in enumerate(self.inputs)},
            outputs={port.name: start + ROW * i for i, port in enumerate(self.outputs)},
        )


def draw(graph: Graph, timings: Mapping[str, float] | None = None) -> str:
    """Draws a graph.

    Args:
        graph: The method.
        timings: Seconds each node took, by name; shown in the boxes, with a bar for the share.

    Returns:
        The text of an SVG file; it needs no font or script and follows the reader's light or dark
        setting. The group of a node has its name as `data-node`.
    """
    cards = _cards(graph, timings or {})
    edges = _edges(graph)
    first, last = [f"in:{name}" for name in graph.inputs], [f"out:{name}" for name in graph.outputs]
    layout = place({name: card.box() for name, card in cards.items()}, edges, first, last)
    connected = {(edge.source, "out", edge.output) for edge in edges}
    connected |= {(edge.target, "in", edge.input) for edge in edges}
    wires: dict[tuple[str, str], list[str]] = {}
    for edge, points in layout.routes.items():
        wires.setdefault((edge.source, edge.output), []).append(svg.curve(points))
    body = [f'<g transform="translate({MARGIN} {MARGIN})">']
    for (name, output), paths in wires.items():
        port = next(port for port in cards[name].outputs if port.name == output)
        path = " ".join(paths)
        body.append(f'<path class="halo" d="{path}"/>')
        body.append(f'<path class="edge s{_colour(port)}" d="{path}"/>')
    for name, card in cards.items():
        body += _drawn(name, card, layout.rects[name], connected)
    body.append("</g>")
    about = "; ".join(f"{key}: {value}" for key, value in graph.about.items())
    width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN
    return svg.document(width, height, graph.name, about, body)


def _cards(graph: Graph, timings: Mapping[str, float]) -> dict[str, _Card]:
    cards = {
        f"in:{name}": _Card(name, outputs=[Port(name, kind)]) for name, kind in graph.inputs.items()
    }
    total = sum(timings.get(name, 0.0) for name in graph.nodes) or 1.0
    for name, node in graph.nodes.items():
        signature = signature_of(node.stage)
        seconds = timings.get(name)
        cards[name] = _Card(
            _short(name),
            hint=_hint(node),
            lines=[
                _short(node.stage.name),
                *(_short(f"{role}: {family}") for role, family in node.models.items()),
            ],
            inputs=list(signature.inputs.values()),
            outputs=list(signature.outputs.values()),
            seconds=seconds,
            share=(seconds or 0.0) / total,
        )
    for name, source in graph.outputs.items():
        kind = (
            signature_of(graph.nodes[source.node].stage).outputs[source.port].kind
            if source.node
            else graph.inputs[source.port]
        )
        cards[f"out:{name}"] = _Card(name, inputs=[Port(name, kind)])
    return cards


def _edges(graph: Graph) -> list[Edge]:
    wires = [
        (source, node.name, port)
        for node in graph.nodes.values()
        for port, source in node.inputs.items()
    ]
    wires += [(source, f"out:{name}", name) for name, source in graph.outputs.items()]
    return [
        Edge(source.node or f"in:{source.port}", source.port, target, port)
        for source, target, port in wires
    ]


def _drawn(name: str, card: _Card, rect: Rect, connected: set[tuple[str, str, str]]) -> list[str]:
    box = card.box()
    node = f' data-node="{escape(name)}"' if card.hint else ""
    parts = [f'<g{node} transform="translate({rect.x:.1f} {rect.y:.1f})">']
    parts.append(svg.card(rect.width, rect.height, 8 if card.hint else rect.height / 2))
    if card.hint:
        parts.append(svg.hint(card.hint))
        parts.append(svg.text(PAD, PAD + 8, svg.span(card.title, "name")))
        for i, line in enumerate(card.lines, start=1):
            parts.append(svg.text(PAD, PAD + 7 + ROW * i, svg.span(line)))
        parts.append(
            f'<line class="rule" x2="{rect.width:.1f}" y1="{card.head}" y2="{card.head}"/>'
        )
    if card.seconds is not None:
        parts.append(
            svg.text(rect.width - PAD, PAD + 8, svg.span(_time(card.seconds)), anchor="end")
        )
        bar = f'y="{card.head - 3}" width="{rect.width * card.share:.1f}" height="3"'
        parts.append(f'<rect class="bar" {bar}/>')
    for port in card.inputs:
        y = box.inputs[port.name]
        label = (
            f"{svg.span(_short(port.name), 'port')} {svg.span(_kind(port), f'f{_colour(port)}')}"
        )
        parts.append(svg.text(PAD, y + 4, label))
        parts.append(svg.dot(0, y, _colour(port), connected=(name, "in", port.name) in connected))
    for port in card.outputs:
        y = box.outputs[port.name]
        label = (
            f"{svg.span(_short(port.name), 'port')} {svg.span(_kind(port), f'f{_colour(port)}')}"
        )
        parts.append(svg.text(rect.width - PAD, y + 4, label, anchor="end"))
        parts.append(
            svg.dot(rect.width, y, _colour(port), connected=(name, "out", port.name) in connected)
        )
    parts.append("</g>")
    return parts


def _rows(inputs: list[Port], outputs: list[Port]) -> list[list[Port]]:
    count = max(len(inputs), len(outputs))
    return [[*inputs[i : i + 1], *outputs[i : i + 1]] for i in range(count)]


def _hint(node: Node) -> str:
    """The tooltip of a node: its settings."""
    settings = [f"{key}: {value}" for key, value in node.config.model_dump(mode="json").items()]
    return "\n".join([f"{node.name} ({node.stage.name})", *settings])


def _kind(port: Port) -> str:
    return port.kind.__name__ + ("" if port.required else "?")


def _colour(port: Port) -> int:
    known = list(EDGE_TYPES.values())
    return known.index(port.kind) % len(svg.COLOURS) if port.kind in known else len(svg.COLOURS)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _time(seconds: float) -> str:
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"
