"""Which things a scene has: categories, colours, materials, sizes and shapes.

A scene draws from a few colours and likes to repeat categories, so that most things have a rival
of the same colour or category; no two share colour, category and material.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from openseg.mini.rooms.catalogue import category
from openseg.mini.rooms.held_out import held_out
from openseg.mini.rooms.scene import PartColour, Rgb, Support, Thing, Vector
from openseg.mini.rooms.shapes import extent_of, natural_size
from openseg.mini.rooms.vocabulary import COLOURS, MATERIALS, Material

_MATERIAL_SHARES = (0.42, 0.12, 0.11, 0.11, 0.13, 0.11)
_TWINS = 0.06
_ACCENTS = 0.35
_UNSEEN = 0.4


class Drawer:
    """Draws the things of one scene.

    Args:
        rng: Source of all chance.
        unseen: Whether held-out colour-category pairs may appear; the first thing then is one.
    """

    def __init__(self, rng: np.random.Generator, unseen: bool) -> None:
        self._rng = rng
        self._unseen = unseen
        names = list(COLOURS)
        self._palette = [names[k] for k in rng.permutation(len(names))[: rng.integers(4, 8)]]
        self._taken: list[tuple[str, str, Material]] = []

    def pick(self, names: Sequence[str], again: float = 0.3) -> str:
        """One of some categories; with the given probability one that is already there."""
        there = [name for name in names if any(name == taken for _, taken, _ in self._taken)]
        pool = there if there and self._rng.random() < again else list(names)
        return pool[self._rng.integers(len(pool))]

    def draw(self, name: str, size: tuple[float, float] = (0.0, 1.0)) -> Thing:
        """A thing of a category at the origin, without id.

        Args:
            name: Category name.
            size: Which part of the category's range of sizes may be used, as shares of it.
        """
        rng = self._rng
        kind = category(name)
        colour, material = self._paint(name)
        self._taken.append((colour, name, material))
        low, high = kind.size
        share = rng.uniform(*size)
        if size == (0.0, 1.0) and rng.random() < 0.6:  # clearly small or clearly large
            share = rng.uniform(0.0, 0.28) if rng.random() < 0.5 else rng.uniform(0.72, 1.0)
        length = round(float(low + (high - low) * share), 3)
        shape = self._shape(name, length)
        accents: tuple[PartColour, ...] = ()
        others = [c for c in self._palette if c != colour]
        if kind.accents and others and rng.random() < _ACCENTS:
            part = kind.accents[rng.integers(len(kind.accents))]
            other = others[rng.integers(len(others))]
            accents = (PartColour(part, other, self._shade(other)),)
        depth, width, height = extent_of(name, shape, length)
        return Thing(
            id=0,
            category=name,
            colour=colour,
            material=material,
            rgb=self._shade(colour),
            position=(0.0, 0.0, 0.0),
            yaw=0.0,
            size=length,
            extent=(round(depth, 5), round(width, 5), round(height, 5)),
            shape=shape,
            support="wall" if kind.places == ("wall",) else "floor",
            accents=accents,
        )

    def _shape(self, name: str, length: float) -> tuple[float, float]:
        """Proportions; of what stands on floors and tables those that suit its size."""
        tries = 5 if {"floor", "top"} <= set(category(name).places) else 1
        shapes = [(round(float(u), 3), round(float(v), 3)) for u, v in self._rng.random((tries, 2))]
        return min(shapes, key=lambda shape: abs(natural_size(name, shape) - length))

    def forget(self, thing: Thing) -> None:
        """Takes back a thing that found no place."""
        self._taken.remove((thing.colour, thing.category, thing.material))

    def _paint(self, name: str) -> tuple[str, Material]:
        """A colour and material that no thing of the category has yet."""
        rng = self._rng
        colours = [c for c in self._palette if not held_out(c, name)]
        colours = colours or [c for c in COLOURS if not held_out(c, name)]
        if self._unseen and (not self._taken or rng.random() < _UNSEEN):
            colours = [c for c in COLOURS if held_out(c, name)]
        pairs = {(c, n) for c, n, _ in self._taken}
        fresh = [c for c in colours if (c, name) not in pairs]
        if not fresh:  # the palette is used up for this category
            fresh = [
                c
                for c in COLOURS
                if (c, name) not in pairs and (self._unseen or not held_out(c, name))
            ]
        twin = len(fresh) < len(colours) and rng.random() < _TWINS
        pool = [c for c in colours if (c, name) in pairs] if twin or not fresh else fresh
        colour = pool[rng.integers(len(pool))]
        material = MATERIALS[rng.choice(len(MATERIALS), p=_MATERIAL_SHARES)]
        free = [m for m in MATERIALS if (colour, name, m) not in self._taken]
        return colour, material if material in free else free[rng.integers(len(free))]

    def _shade(self, colour: str) -> Rgb:
        rng = self._rng
        shade = np.array(COLOURS[colour]) * rng.uniform(0.92, 1.06) + rng.normal(0, 3, 3)
        r, g, b = (int(v) for v in np.clip(np.round(shade), 10, 252))
        return r, g, b


def placed(thing: Thing, position: Vector, yaw: float, support: Support) -> Thing:
    """A thing at a place, rounded to a tenth of a millimetre."""
    x, y, z = (round(float(v), 4) for v in position)
    return replace(thing, position=(x, y, z), yaw=round(yaw % 360, 2), support=support)
