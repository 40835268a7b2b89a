"""Layered layout of a graph, left to right: columns, rows, and ways for edges around the boxes.

Sugiyama, Tagawa, Toda, "Methods for Visual Understanding of Hierarchical System Structures", IEEE
Trans. SMC 11(2), 1981: layers by longest path, dummy items where an edge passes a layer, order by
barycentres. Rows are then placed by least squares under that order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import networkx as nx

from openseg.graph.drawing.hops import Hop, Item, Lane, ordered
from openseg.graph.drawing.rows import tops_of

GAP = 64.0  # least room between columns, in pixels
LANE = 8.0  # height kept free for an edge that passes a column, in pixels


@dataclass(frozen=True)
class Box:
    """What is to be placed; sizes in pixels.

    Attributes:
        width: Of the box; a column is as wide as its widest box.
        height: Of the box.
        inputs: Distance of each input port below the box's top, by name.
        outputs: Distance of each output port below the box's top, by name.
    """

    width: float
    height: float
    inputs: Mapping[str, float]
    outputs: Mapping[str, float]


class Edge(NamedTuple):
    """From an output port of a box to an input port of another."""

    source: str
    output: str
    target: str
    input: str


class Rect(NamedTuple):
    """Where a box lies, in pixels from the left and the top."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """Where everything lies, in pixels.

    Attributes:
        width: Of the whole.
        height: Of the whole.
        rects: Where each box lies.
        routes: For each edge the points it passes, from port to port: by turns it crosses the gap
            between two columns and runs level through a column, where no box lies.
    """

    width: float
    height: float
    rects: Mapping[str, Rect]
    routes: Mapping[Edge, Sequence[tuple[float, float]]]


def place(
    boxes: Mapping[str, Box], edges: Sequence[Edge], first: Sequence[str], last: Sequence[str]
) -> Layout:
    """Places boxes in columns so that every edge runs from left to right and around the boxes.

    Args:
        boxes: What is to be placed, by name.
        edges: The connections; they form no cycle.
        first: The boxes of the leftmost column.
        last: The boxes of the rightmost column.
    """
    layer_of = _layer_of(boxes, edges, first, last)
    chains = {edge: _chain(edge, boxes, layer_of) for edge in edges}
    hops = list(dict.fromkeys(hop for chain in chains.values() for hop in chain))
    heights: dict[Item, float] = {name: box.height for name, box in boxes.items()}
    layers: list[list[Item]] = [[] for _ in range(max(layer_of.values()) + 1)]
    for name in boxes:
        layers[layer_of[name]].append(name)
    for hop in hops:
        if isinstance(hop.right, Lane) and hop.right not in heights:
            heights[hop.right] = LANE
            layers[hop.right.layer].append(hop.right)
    layers = ordered(layers, hops, heights)
    tops = tops_of(layers, hops, heights)
    columns = _columns(layers, hops, tops, boxes)
    rects = {
        name: Rect(columns[layer_of[name]][0], tops[name], columns[layer_of[name]][1], box.height)
        for name, box in boxes.items()
    }
    routes = {
        edge: [
            point
            for i, hop in enumerate(chain, start=layer_of[edge.source])
            for point in (
                (sum(columns[i]), tops[hop.left] + hop.left_y),
                (columns[i + 1][0], tops[hop.right] + hop.right_y),
            )
        ]
        for edge, chain in chains.items()
    }
    height = max(tops[item] + heights[item] for item in tops)
    return Layout(sum(columns[-1]), height, rects, routes)


def _layer_of(
    boxes: Mapping[str, Box], edges: Sequence[Edge], first: Sequence[str], last: Sequence[str]
) -> dict[str, int]:
    inner = nx.DiGraph()
    inner.add_nodes_from(name for name in boxes if name not in {*first, *last})
    inner.add_edges_from(
        (edge.source, edge.target)
        for edge in edges
        if edge.source in inner and edge.target in inner
    )
    layers = {
        name: i for i, names in enumerate(nx.topological_generations(inner), 1) for name in names
    }
    for name in inner:
        if inner.in_degree(name) == 0 and inner.out_degree(name) > 0:
            layers[name] = min(layers[reader] for reader in inner[name]) - 1  # close to its readers
    end = max(layers.values(), default=0) + 1
    return {**dict.fromkeys(first, 0), **layers, **dict.fromkeys(last, end)}


def _chain(edge: Edge, boxes: Mapping[str, Box], layer_of: Mapping[str, int]) -> list[Hop]:
    """The hops of an edge; edges from one port share their lanes as far as they go together."""
    between = range(layer_of[edge.source] + 1, layer_of[edge.target])
    lanes = [Lane(edge.source, edge.output, layer) for layer in between]
    items: list[Item] = [edge.source, *lanes, edge.target]
    out_y, in_y = boxes[edge.source].outputs[edge.output], boxes[edge.target].inputs[edge.input]
    out_ys = [out_y, *(LANE / 2 for _ in lanes)]
    in_ys = [*(LANE / 2 for _ in lanes), in_y]
    return [Hop(*hop) for hop in zip(items[:-1], out_ys, items[1:], in_ys, strict=True)]


def _columns(
    layers: Sequence[Sequence[Item]],
    hops: Sequence[Hop],
    tops: Mapping[Item, float],
    boxes: Mapping[str, Box],
) -> list[tuple[float, float]]:
    """Left edge and width of each layer; gaps are wider where edges climb far."""
    columns: list[tuple[float, float]] = []
    for layer in layers:
        x = 0.0
        if columns:
            into = [hop for hop in hops if hop.right in layer]
            climbs = [abs(tops[h.left] + h.left_y - tops[h.right] - h.right_y) for h in into]
            x = sum(columns[-1]) + GAP + min(0.12 * max(climbs, default=0.0), 60.0)
        widths = [boxes[item].width for item in layer if isinstance(item, str)]
        columns.append((x, max(widths, default=0.0)))
    return columns
