"""Relations of all pairs of things, each with margins: clearly true, clearly false, or neither.

Every function returns two bool arrays [n, n]: [i, j] of the first says that thing i clearly stands
in the relation to thing j, of the second that it clearly does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from openseg.mini.rooms.scene import Thing
from openseg.mini.rooms.sentences.meaning.forms import Relation
from openseg.mini.rooms.sentences.meaning.sight import Sight

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Pairs = tuple[Bools, Bools]

_PLACES = {"floor": 0, "wall": -1}


@dataclass(frozen=True)
class Space:
    """Where things are.

    Attributes:
        things: The things, of which at least one is needed.
        carried: Whether thing i stands on thing j, on something on it, and so on, [n, n].
        sight: What a picture shows of exactly these things, or None.
    """

    things: tuple[Thing, ...]
    carried: Bools
    sight: Sight | None

    @cached_property
    def middle(self) -> Floats:
        """Middles of the things in the world, [n, 3]."""
        return np.array([t.middle for t in self.things])

    @cached_property
    def half(self) -> Floats:
        """Half the lengths of their boxes along the world's axes, [n, 3]."""
        extent = np.array([t.extent for t in self.things]) / 2
        turn = np.radians([t.yaw for t in self.things])
        c, s = np.abs(np.cos(turn)), np.abs(np.sin(turn))
        x = extent[:, 0] * c + extent[:, 1] * s
        y = extent[:, 0] * s + extent[:, 1] * c
        return np.stack([x, y, extent[:, 2]], axis=1)

    @cached_property
    def boxes(self) -> Floats:
        """Boxes in the picture, [n, 4] xyxy; there must be a picture."""
        assert self.sight is not None  # noqa: S101  the caller asks for picture relations only then
        return np.array([seen.box for seen in self.sight.things])

    @cached_property
    def eye(self) -> Floats:
        """Where the camera is, [3]; there must be a picture."""
        assert self.sight is not None  # noqa: S101
        return np.array(self.sight.camera.position)

    @cached_property
    def gaps(self) -> Floats:
        """Free length between the boxes of two things along each axis, [n, n, 3]; <= 0: none."""
        reach = self.half[:, None] + self.half[None]
        return np.asarray(np.abs(self.middle[:, None] - self.middle[None]) - reach)

    @cached_property
    def gap(self) -> Floats:
        """Distance between the boxes of two things, [n, n]."""
        return np.asarray(np.linalg.norm(np.maximum(self.gaps, 0), axis=-1))

    @cached_property
    def distance(self) -> Floats:
        """Distance between the middles of two things, [n, n]."""
        return np.asarray(np.linalg.norm(self.middle[:, None] - self.middle[None], axis=-1))

    @cached_property
    def chained(self) -> Bools:
        """Whether one of two things carries the other, [n, n]."""
        return np.asarray(self.carried | self.carried.T)

    @cached_property
    def same_support(self) -> Bools:
        """Whether the same thing, the floor or walls carry both, [n, n]."""
        code = np.array(
            [_PLACES.get(t.support, 0) if isinstance(t.support, str) else t.support
             for t in self.things]
        )  # fmt: skip
        return np.asarray(code[:, None] == code[None])


def left(space: Space) -> Pairs:
    """In the picture: beside the other, no steeper than 45 degrees; not if its middle is right."""
    x0, y0, x1, y1 = space.boxes.T
    x, y, width = (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0
    dx, dy = x[:, None] - x[None], y[:, None] - y[None]
    overlap = np.minimum(x1[:, None], x1[None]) - np.maximum(x0[:, None], x0[None])
    beside = overlap <= 0.15 * np.minimum(width[:, None], width[None])
    yes = (dx < 0) & beside & (np.abs(dy) <= np.abs(dx))
    return yes, dx >= 0


def right(space: Space) -> Pairs:
    """The mirror image of `left`."""
    yes, no = left(space)
    return yes.T, no.T


def _along_view(space: Space) -> tuple[Floats, Floats, Floats]:
    """How much farther from the camera thing i is than j, how far beside, and their free sum.

    On the ground plane along the line from the camera through the middle of thing j, [n, n] each.
    """
    look = (space.middle - space.eye)[:, :2]
    look /= np.linalg.norm(look, axis=1, keepdims=True)
    offset = (space.middle[:, None] - space.middle[None])[..., :2]
    along = np.einsum("ijk,jk->ij", offset, look)
    across = np.abs(offset[..., 0] * look[:, 1] - offset[..., 1] * look[:, 0])
    reach = np.abs(look) @ space.half[:, :2].T  # [j, i]
    return along, across, (reach + np.diag(reach)[:, None]).T


def _level(space: Space) -> Bools:
    """Whether two things stand on the same, or share a good part of their heights."""
    z, half = space.middle[:, 2], space.half[:, 2]
    shared = np.minimum((z + half)[:, None], z + half) - np.maximum((z - half)[:, None], z - half)
    shorter = 2 * np.minimum(half[:, None], half)
    return np.asarray(space.same_support | (shared > 0.5 * shorter))


def behind(space: Space) -> Pairs:
    """Seen from the camera: farther away, within 30 degrees of the line of sight, level."""
    along, across, reach = _along_view(space)
    straight = (along >= 0.8 * reach) & (across <= 0.57 * along)
    yes = straight & _level(space) & ~space.chained
    no = ((along <= 0) | (across >= 1.5 * np.abs(along))) & ~space.chained
    return yes, no


def front(space: Space) -> Pairs:
    """Seen from the camera: nearer, within 30 degrees of the line of sight, level."""
    along, across, reach = _along_view(space)
    straight = (-along >= 0.8 * reach) & (across <= 0.57 * -along)
    yes = straight & _level(space) & ~space.chained
    no = ((along >= 0) | (across >= 1.5 * np.abs(along))) & ~space.chained
    return yes, no


def above(space: Space) -> Pairs:
    """In the world: higher than the other's upper end, over it or over the floor beside it."""
    gap_x, gap_y = space.gaps[..., 0], space.gaps[..., 1]
    z, half = space.middle[:, 2], space.half[:, 2]
    low, high = z - half, z + half
    lift = low[:, None] - high[None]
    thin = np.minimum(space.half[:, None, :2], space.half[None, :, :2]).max(axis=-1)
    aligned = np.minimum(gap_x, gap_y) <= -0.8 * thin
    near = np.maximum(gap_x, gap_y) <= 0.2
    yes = (lift >= -0.01) & (lift <= 1.2) & aligned & near & ~space.chained
    lower = low[:, None] <= z[None]
    away = np.maximum(gap_x, gap_y) >= 0.6
    return yes, (lower | away) & ~space.chained


def under(space: Space) -> Pairs:
    """The reverse of `above`."""
    yes, no = above(space)
    return yes.T, no.T


def on(space: Space) -> Pairs:
    """In the world: the other carries it directly; what it carries indirectly is open."""
    ids = np.array([t.id for t in space.things])
    support = np.array([t.support if isinstance(t.support, int) else 0 for t in space.things])
    return support[:, None] == ids[None], ~space.carried


def next_to(space: Space) -> Pairs:
    """In the world: on the same support, and the gap is small beside their sizes."""
    size = np.array([t.size for t in space.things])
    mean = (size[:, None] + size[None]) / 2
    itself = np.eye(len(size), dtype=bool)
    yes = space.same_support & (space.gap <= 0.4 * mean) & ~itself & ~space.chained
    return yes, (space.gap >= mean) | space.chained | itself


RELATIONS: dict[Relation, Callable[[Space], Pairs]] = {
    "left": left,
    "right": right,
    "behind": behind,
    "front": front,
    "above": above,
    "under": under,
    "on": on,
    "next": next_to,
}
"""All relations to one landmark."""


def between(space: Space, first: int, second: int) -> tuple[Bools, Bools]:
    """In the world: near the middle of the line from one landmark's middle to the other's.

    Args:
        space: Where things are.
        first: Index of a landmark.
        second: Index of the other.

    Returns:
        Which things clearly are between them and which clearly are not, [n] each.
    """
    line = space.middle[second] - space.middle[first]
    length = max(float(np.linalg.norm(line)), 1e-6)
    offset = space.middle - space.middle[first]
    share = offset @ line / length**2
    away = np.linalg.norm(offset - share[:, None] * line, axis=1) / length
    yes = (share >= 0.25) & (share <= 0.75) & (away <= 0.2)
    no = (share <= 0.05) | (share >= 0.95) | (away >= 0.45)
    chained = space.chained[first] | space.chained[second]
    return yes & ~chained, no
