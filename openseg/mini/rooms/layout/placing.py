"""Finding places for things in a room: at a wall, on a wall, on the floor, on top of others.

A place is drawn again and again until the thing's box is free; nothing is ever moved afterwards.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from openseg.mini.rooms.catalogue import category
from openseg.mini.rooms.layout.drawing import Drawer, placed
from openseg.mini.rooms.layout.solid_box import SolidBox, box_of
from openseg.mini.rooms.scene import Thing, Vector
from openseg.mini.rooms.shapes import Top, shape_of

_TRIES = 30
_GAP = 0.004  # things stand this high above their base's plane: coplanar faces would flicker
_CLEAR = 0.012
_TABLE_SIZE = 0.55  # what is longer stands on the floor

Spot = tuple[Vector, float]
"""A position and a yaw."""


class Placing:
    """The things of a room so far, and the free space between them.

    Args:
        rng: Source of all chance.
        drawer: Draws the things.
        size: The room's lengths along x, y and z.
        walls: Which walls there are: 0 at x = 0, 1 at y = 0, 2 at the far x, 3 at the far y.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        drawer: Drawer,
        size: Vector,
        walls: Sequence[int] = (0, 1, 2, 3),
    ) -> None:
        self.rng = rng
        self.drawer = drawer
        self.size = size
        self.walls = tuple(walls)
        self.things: list[Thing] = []
        self._boxes: list[SolidBox] = []
        self._closed: list[SolidBox] = []

    def keep_free(self, box: SolidBox) -> None:
        """Closes a space to everything that stands on the floor."""
        self._closed.append(box)

    def add(self, thing: Thing, draw_spot: Callable[[Thing], Spot | None]) -> Thing | None:
        """Puts a thing on the first free one of many drawn spots.

        Args:
            thing: The thing, with its support set.
            draw_spot: Draws a spot for it; None when there is none at all.

        Returns:
            The thing with its id, or None if no spot was free.
        """
        for _ in range(_TRIES):
            spot = draw_spot(thing)
            if spot is None:
                break
            there = placed(thing, *spot, thing.support)
            if self._free(there):
                there = replace(there, id=len(self.things) + 1)
                self.things.append(there)
                self._boxes.append(box_of(there))
                return there
        self.drawer.forget(thing)
        return None

    def drop_last(self) -> None:
        """Takes away the thing that was added last."""
        self.drawer.forget(self.things.pop())
        self._boxes.pop()

    def is_clear(self, x: float, y: float, z: float, margin: float) -> bool:
        """Whether a point is farther than `margin` from every thing and wall."""
        inside = all(
            margin < v < side - margin for v, side in zip((x, y, z), self.size, strict=True)
        )
        return inside and not any(box.contains(x, y, z, margin) for box in self._boxes)

    def on_floor(self, name: str, area: tuple[float, float, float, float] | None = None,
                 yaw: tuple[float, float] = (0, 360)) -> Thing | None:  # fmt: skip
        """A thing anywhere on the floor, or inside an area (low x, low y, high x, high y)."""
        low_x, low_y, high_x, high_y = area or (0.0, 0.0, self.size[0], self.size[1])

        def spot(_: Thing) -> Spot:
            x, y = self.rng.uniform(low_x, high_x), self.rng.uniform(low_y, high_y)
            return (x, y, _GAP), float(self.rng.uniform(*yaw))

        return self.add(self.drawer.draw(name), spot)

    def at_wall(self, name: str, share: tuple[float, float] = (0.0, 1.0),
                wall: int | None = None) -> Thing | None:  # fmt: skip
        """A thing with its back to a wall, somewhere along a share of the wall's length."""

        def spot(thing: Thing) -> Spot:
            side = self._some_wall() if wall is None else wall
            length = self._wall_length(side)
            along = self.rng.uniform(share[0] * length, share[1] * length)
            gap = 0.03 if self.rng.random() < 0.7 else 0.1
            return self._from_wall(side, along, thing.extent[0] / 2 + gap, _GAP)

        return self.add(self.drawer.draw(name), spot)

    def on_wall(self, name: str, low: float, high: float,
                share: tuple[float, float] = (0.0, 1.0),
                wall: int | None = None) -> Thing | None:  # fmt: skip
        """A thing on a wall, its middle at a height from `low` to `high`."""

        def spot(thing: Thing) -> Spot:
            side = self._some_wall() if wall is None else wall
            length = self._wall_length(side)
            along = self.rng.uniform(share[0] * length, share[1] * length)
            base = max(_GAP, self.rng.uniform(low, high) - thing.extent[2] / 2)
            return self._from_wall(side, along, 0.0, base)

        return self.add(self.drawer.draw(name), spot)

    def beside(self, name: str, other: Thing, side: int, gap: float = 0.05) -> Thing | None:
        """A thing in a row with another, at its left (-1) or right (1), backs aligned."""

        def spot(thing: Thing) -> Spot:
            across = side * (other.extent[1] / 2 + thing.extent[1] / 2 + gap)
            return _near(other, (thing.extent[0] - other.extent[0]) / 2, across), other.yaw

        return self.add(self.drawer.draw(name), spot)

    def facing(self, name: str, other: Thing, turn: int, gap: tuple[float, float] = (0.03, 0.25),
               look: int = 180) -> Thing | None:  # fmt: skip
        """A thing on one side of another.

        Args:
            name: Category name.
            other: The other thing.
            turn: Side of the other thing in degrees from its front: 0, 90, 180 or 270.
            gap: Free distance between the two.
            look: Its own turn relative to that side; 180 looks at the other thing.
        """

        def spot(thing: Thing) -> Spot:
            along_x = turn % 180 == 0
            reach = other.extent[0 if along_x else 1] / 2
            own = thing.extent[0 if look % 180 == 0 else 1] / 2
            far = reach + own + self.rng.uniform(*gap)
            slack = 0.25 * other.extent[1 if along_x else 0]
            shift = self.rng.uniform(-slack, slack)
            c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
            wobble = self.rng.uniform(-6, 6)
            return _near(other, far * c - shift * s, far * s + shift * c), (
                other.yaw + turn + look + wobble
            )

        return self.add(self.drawer.draw(name), spot)

    def on_top(self, name: str, other: Thing, share: float = 1.0) -> Thing | None:
        """A thing on one of another thing's tops.

        Args:
            name: Category name.
            other: What carries it.
            share: Middle share of the top's lengths that may be used.
        """
        low, high = category(name).size
        most = (_TABLE_SIZE - low) / (high - low)
        size = (0.0, 1.0) if most >= 1 else (0.0, max(0.1, most))
        thing = replace(self.drawer.draw(name, size), support=other.id)
        places = set(thing.kind.places)
        made = shape_of(other.category, other.shape, other.size)
        tops = [top for top in made.tops if top.place in places]
        tops = [top for top in tops if top.clearance > thing.extent[2] + 0.01]

        def spot(thing: Thing) -> Spot | None:
            if not tops:
                return None
            top = tops[self.rng.integers(len(tops))]
            turn = self.rng.uniform(-25, 25) if thing.kind.front else self.rng.uniform(0, 360)
            half = _half_sides(thing, float(turn))
            room = np.array([share * top.depth, share * top.width]) / 2 - half
            if np.any(room < 0):
                turn = float(90 * self.rng.integers(0, 4)) if not thing.kind.front else 0.0
                room = np.array([top.depth, top.width]) / 2 - _half_sides(thing, turn)
                if np.any(room < 0):
                    return _NOWHERE
            dx, dy = self.rng.uniform(-room, room)
            x, y, z = _near(other, top.x + dx, top.y + dy)
            return (x, y, z + top.z + _GAP / 2), other.yaw + float(turn)

        return self.add(thing, spot)

    def _free(self, thing: Thing) -> bool:
        box = box_of(thing)
        edge = box.corners()
        if thing.support == "wall":  # its back touches the wall
            edge = edge + 2e-4 * (np.array([self.size[0], self.size[1]]) / 2 > edge) - 1e-4
        if edge.min() < 0 or np.any(edge > np.array(self.size[:2])) or box.high > self.size[2]:
            return False
        if thing.support == "floor" and any(box.overlaps(closed) for closed in self._closed):
            return False
        for other, solid in zip(self.things, self._boxes, strict=True):
            if self._carries(other, thing):
                continue
            if box.overlaps(solid, _CLEAR):
                return False
        return True

    def _carries(self, other: Thing, thing: Thing) -> bool:
        """Whether a thing stands on another, directly or not."""
        below = thing.support
        while isinstance(below, int):
            if below == other.id:
                return True
            below = self.things[below - 1].support
        return False

    def _some_wall(self) -> int:
        lengths = np.array([self._wall_length(wall) for wall in self.walls])
        return self.walls[self.rng.choice(len(self.walls), p=lengths / lengths.sum())]

    def _wall_length(self, wall: int) -> float:
        return self.size[1] if wall in (0, 2) else self.size[0]

    def _from_wall(self, wall: int, along: float, out: float, z: float) -> Spot:
        """The spot at a distance from a wall, looking away from it."""
        x, y, _ = self.size
        if wall in (0, 2):
            return ((out if wall == 0 else x - out), along, z), 0.0 if wall == 0 else 180.0
        return (along, (out if wall == 1 else y - out), z), 90.0 if wall == 1 else 270.0


_NOWHERE: Spot = ((-9.0, -9.0, 0.0), 0.0)
"""A spot that is never free."""


def _near(other: Thing, along: float, across: float) -> Vector:
    """The point at an offset in another thing's own axes, at the height of its base."""
    turn = np.radians(other.yaw)
    x, y, z = other.position
    return (
        float(x + along * np.cos(turn) - across * np.sin(turn)),
        float(y + along * np.sin(turn) + across * np.cos(turn)),
        z,
    )


def _half_sides(thing: Thing, turn: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Half lengths of the level box around a turned thing, [2]."""
    c, s = abs(np.cos(np.radians(turn))), abs(np.sin(np.radians(turn)))
    depth, width, _ = thing.extent
    return np.array([depth * c + width * s, depth * s + width * c]) / 2


def tops_of(thing: Thing) -> tuple[Top, ...]:
    """The places a thing offers, in its own axes."""
    return shape_of(thing.category, thing.shape, thing.size).tops
