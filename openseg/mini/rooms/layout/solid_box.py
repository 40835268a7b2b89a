"""The upright boxes that things are taken for when they must not run into each other."""

from dataclasses import dataclass

import numpy as np

from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.shapes.mesh import Floats


@dataclass(frozen=True)
class SolidBox:
    """A box that stands upright.

    Attributes:
        x: Middle of its base.
        y: Middle of its base.
        low: Height of its base.
        high: Height of its upper side.
        yaw: Turn in degrees.
        depth: Full length along its own x axis.
        width: Full length along its own y axis.
    """

    x: float
    y: float
    low: float
    high: float
    yaw: float
    depth: float
    width: float

    def corners(self) -> Floats:
        """Corners of its base, [4, 2]."""
        turn = np.radians(self.yaw)
        axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2
        sides = half * np.array([self.depth, self.width])
        return np.asarray(sides @ axes + np.array([self.x, self.y]))

    def overlaps(self, other: "SolidBox", margin: float = 0.0) -> bool:
        """Whether the boxes share space, or come closer than `margin` sideways."""
        if self.low >= other.high - 1e-6 or other.low >= self.high - 1e-6:
            return False
        mine, theirs = self.corners(), other.corners()
        for yaw in (self.yaw, self.yaw + 90, other.yaw, other.yaw + 90):
            axis = np.array([np.cos(np.radians(yaw)), np.sin(np.radians(yaw))])
            a, b = mine @ axis, theirs @ axis
            if a.max() + margin <= b.min() or b.max() + margin <= a.min():
                return False
        return True

    def contains(self, x: float, y: float, z: float, margin: float = 0.0) -> bool:
        """Whether a point is inside, or closer than `margin`."""
        turn = np.radians(self.yaw)
        dx, dy = x - self.x, y - self.y
        along = abs(np.cos(turn) * dx + np.sin(turn) * dy)
        across = abs(-np.sin(turn) * dx + np.cos(turn) * dy)
        return bool(
            along < self.depth / 2 + margin
            and across < self.width / 2 + margin
            and self.low - margin < z < self.high + margin
        )


def box_of(thing: Thing) -> SolidBox:
    """The box around a thing."""
    x, y, z = thing.middle
    depth, width, height = thing.extent
    return SolidBox(x, y, z - height / 2, z + height / 2, thing.yaw, depth, width)
