"""The pieces of edges between neighbouring layers, and the order within layers they ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

SWEEPS = 16


class Lane(NamedTuple):
    """Where all edges from one output port of `source` pass a layer."""

    source: str
    output: str
    layer: int


Item = str | Lane


class Hop(NamedTuple):
    """A piece of an edge between neighbouring layers: two items, and heights below their tops."""

    left: Item
    left_y: float
    right: Item
    right_y: float


def ordered(
    layers: list[list[Item]], hops: Sequence[Hop], heights: Mapping[Item, float]
) -> list[list[Item]]:
    """The order within each layer with the fewest crossings that sweeps of barycentres find."""
    best, fewest = layers, _crossings(layers, hops)
    current = layers
    for sweep in range(SWEEPS):
        rank = {item: float(i) for layer in current for i, item in enumerate(layer)}
        forth = sweep % 2 == 0
        done: list[list[Item]] = []
        for layer in current if forth else reversed(current):
            pulls: dict[Item, list[float]] = {item: [] for item in layer}
            for hop in hops:
                if forth and hop.right in pulls:
                    pulls[hop.right].append(rank[hop.left] + hop.left_y / heights[hop.left])
                elif not forth and hop.left in pulls:
                    pulls[hop.left].append(rank[hop.right] + hop.right_y / heights[hop.right])
            centre = {item: sum(p) / len(p) if p else rank[item] for item, p in pulls.items()}
            done.append(sorted(layer, key=centre.__getitem__))
            rank |= {item: float(i) for i, item in enumerate(done[-1])}
        current = done if forth else done[::-1]
        crossings = _crossings(current, hops)
        if crossings < fewest:
            best, fewest = current, crossings
    return best


def _crossings(layers: Sequence[Sequence[Item]], hops: Sequence[Hop]) -> int:
    rank = {item: i for layer in layers for i, item in enumerate(layer)}
    layer_of = {item: i for i, layer in enumerate(layers) for item in layer}
    ends = [
        (layer_of[hop.left], (rank[hop.left], hop.left_y), (rank[hop.right], hop.right_y))
        for hop in hops
    ]
    return sum(
        1
        for layer, left, right in ends
        for other, other_left, other_right in ends
        if layer == other and left < other_left and right > other_right
    )
