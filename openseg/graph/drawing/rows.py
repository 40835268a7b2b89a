"""Heights of the items of each layer, so that edges run as straight as their order allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from openseg.graph.drawing.hops import Hop, Item, Lane

SWEEPS = 96
GAP = 26.0  # between the boxes of a layer, in pixels
LANE_GAP = 8.0  # around an edge that passes the layer, in pixels


def tops_of(
    layers: Sequence[Sequence[Item]], hops: Sequence[Hop], heights: Mapping[Item, float]
) -> dict[Item, float]:
    """Tops that bring the ends of hops to equal heights, by alternating least squares."""
    tops: dict[Item, float] = {}
    for layer in layers:
        offsets = _offsets(layer, heights)
        tops |= {item: y - offsets[-1] / 2 for item, y in zip(layer, offsets, strict=True)}
    wishes: dict[Item, list[tuple[Item, float, float]]] = {item: [] for item in tops}
    for left, left_y, right, right_y in hops:
        weight = 32.0 if isinstance(left, Lane) and isinstance(right, Lane) else 1.0
        wishes[left].append((right, right_y - left_y, weight))
        wishes[right].append((left, left_y - right_y, weight))
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted, weights = [], []
            for item in layer:
                total = sum(weight for _, _, weight in wishes[item])
                pull = sum(weight * (tops[other] + dy) for other, dy, weight in wishes[item])
                wanted.append(pull / total if total else tops[item])
                weights.append(total or 0.01)
            offsets = _offsets(layer, heights)
            free = [want - offset for want, offset in zip(wanted, offsets, strict=True)]
            moved = _isotonic(free, weights)
            tops |= {i: m + o for i, m, o in zip(layer, moved, offsets, strict=True)}
    highest = min(tops.values())
    return {item: top - highest for item, top in tops.items()}


def _offsets(layer: Iterable[Item], heights: Mapping[Item, float]) -> list[float]:
    """Tops of a layer's items when they are stacked as closely as they may."""
    offsets: list[float] = []
    before: Item | None = None
    for item in layer:
        gap = GAP if isinstance(before, str) and isinstance(item, str) else LANE_GAP
        offsets.append(offsets[-1] + heights[before] + gap if before is not None else 0.0)
        before = item
    return offsets


def _isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The nearest sequence that never falls, by pooling adjacent violators."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (a, wa, na), (b, wb, nb) = pools[-2:]
            pools[-2:] = [((a * wa + b * wb) / (wa + wb), wa + wb, na + nb)]
    return [value for value, _, count in pools for _ in range(count)]
