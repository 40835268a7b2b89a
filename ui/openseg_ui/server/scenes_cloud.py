"""A cloud as a browser draws it: few bytes a point, in random order, no more than it can take.

Positions are whole numbers of 16 bits, so that a room is exact to a fraction of a millimetre. In
random order any first part of the points is the scene in less detail. Each point knows how far
its neighbours are, and points of walls from which sides they hide the room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from openseg.api.scenes import room
from openseg.api.scenes.reading import clear_objects

if TYPE_CHECKING:
    from openseg.api.scenes.records import SceneInstance, SceneRecord
    from openseg.types import PointCloud

MOST_POINTS = 2_000_000
"""Points that a browser is sent, 24 MB."""

LEAST_OF_OBJECT = 1000
"""Points that each object keeps of those it has, when most of a scene's points are left out."""

FIRST_PART, PART = 1 << 16, 1 << 18
"""Points of the first part that is sent, and of the others."""

NONE = 0xFFFF
"""The object of points that belong to none."""

SECTORS = 8
"""Sides from which walls can be cut away; a bit each."""

_GRID = 0xFFFF
_CELL = 5  # spacings in the cells in which neighbours are counted
_COVER = 1.9  # sides of a point in its spacing, so that hardly a hole is left

_LAYOUT = np.dtype(
    [("place", "<u2", 3), ("object", "<u2"), ("colour", "u1", 3), ("walls", "u1")], align=False
)


@dataclass(frozen=True, eq=False)
class Pack:
    """A cloud to be drawn, in axes of which the third is up.

    Attributes:
        parts: The points, 12 bytes each: x, y, z and object of 16 bits; red, green, blue and walls
            of 8. The lowest bits of red, green and blue, that of red the lowest, are a number s:
            the point's side is `spacing * 2 ** (s / 2)`.
        count: How many points they are.
        total: How many points the scene has.
        dropped: Points without a finite place.
        rows: int64 `[count]`: the scene's row of each point, in the order they are drawn.
        positions: float32 `[count, 3]` in the scene's own axes.
        owners: uint16 `[count]`: the object of each point, or `NONE`.
        turn: float64 `[3, 3]`: from the scene's axes to the drawn ones.
        origin: Where 0, 0, 0 of the stored places lies, metres.
        unit: Metres of one step of the stored places.
        spacing: Side of the smallest points, metres.
        low: Smallest x, y, z without the outermost hundredth of the points.
        high: Largest x, y, z in the same way.
        top: Height above which the ceiling is cut off.
    """

    parts: tuple[bytes, ...]
    count: int
    total: int
    dropped: int
    rows: NDArray[np.int64]
    positions: NDArray[np.float32]
    owners: NDArray[np.uint16]
    turn: NDArray[np.float64]
    origin: tuple[float, float, float]
    unit: float
    spacing: float
    low: tuple[float, float, float]
    high: tuple[float, float, float]
    top: float


def pack(
    cloud: PointCloud, record: SceneRecord, poses: NDArray[np.float32], most: int = MOST_POINTS
) -> Pack:
    """Packs a cloud.

    Args:
        cloud: The cloud.
        record: What was found in it.
        poses: float32 `[f, 4, 4]` of the scene's cameras; none where they are not known.
        most: The most points that are kept, besides `LEAST_OF_OBJECT` of each object.
    """
    owner = owners_of(record)
    positions = cloud.positions.numpy(force=True)
    rows = _chosen(owner, len(record.instances), most)
    finite = np.isfinite(positions[rows]).all(axis=1)
    dropped, rows = int((~finite).sum()), rows[finite]
    there = positions[rows]
    turn = _turn(room.upward(poses))
    places = there @ turn.T.astype(np.float32)
    owners = np.where((owner[rows] < 0) | (owner[rows] >= NONE), NONE, owner[rows])
    if not len(rows):
        places = np.zeros((1, 3), dtype=np.float32)
    low, high = (tuple(edge.tolist()) for edge in np.percentile(places, [1, 99], axis=0))
    origin = places.min(axis=0)
    unit = float((places.max(axis=0) - origin).max()) / _GRID or 1e-6
    spacing, sizes = _sizes(places)
    points = np.zeros(len(rows), dtype=_LAYOUT)
    if len(rows):
        points["place"] = np.rint((places - origin) / unit).clip(0, _GRID)
        points["object"] = owners
        bits = np.stack([sizes & 1, sizes >> 1 & 1, sizes >> 2 & 1], axis=1)
        points["colour"] = (cloud.colors.numpy(force=True)[rows] & 0xFE) | bits
        points["walls"] = near_walls(places) * (owners == NONE)
    top = min(room.highest(poses, turn[2]), room.ceiling(places[:, :2], places[:, 2]))
    return Pack(
        tuple(_parts(points)),
        len(rows),
        len(positions),
        dropped,
        rows,
        there,
        owners.astype(np.uint16),
        turn,
        tuple(origin.tolist()),
        unit,
        spacing,
        low,
        high,
        float(min(top, places[:, 2].max() + 1)),
    )


def owners_of(record: SceneRecord) -> NDArray[np.int32]:
    """The object that each point is drawn for, int32 `[points]`: a row of the objects, or -1.

    Objects share points. Those that are clear lie on top, then those with higher scores, and small
    ones on large ones, so that neither a doubtful find hides a sure one nor a bed its pillow.

    Args:
        record: What was found.
    """
    owner = np.full(record.points, -1, dtype=np.int32)

    clear = set(clear_objects(record))

    def rank(row: int) -> tuple[bool, float]:
        one = record.instances[row]
        return row in clear, float(np.log(max(one.score, 1e-3)) - 0.5 * np.log(max(one.size, 1)))

    for row in sorted(range(len(record.instances)), key=rank):
        owner[record.instances[row].points(record.points)] = row
    return owner


def members(pack: Pack, instance: SceneInstance) -> NDArray[np.bool_]:
    """Which of the drawn points belong to an object, drawn for it or not; bool `[count]`."""
    all_of_it = np.zeros(pack.total, dtype=bool)
    all_of_it[instance.points(pack.total)] = True
    found: NDArray[np.bool_] = all_of_it[pack.rows]
    return found


def near_walls(places: NDArray[np.float32]) -> NDArray[np.uint8]:
    """From which sides each point is part of a wall that hides the room.

    Args:
        places: float32 `[n, 3]`, the third axis up.

    Returns:
        uint8 `[n]`: bit i is set for who looks from the direction `2 pi i / SECTORS`.
    """
    bits = np.zeros(len(places), dtype=np.uint8)
    for sector in range(SECTORS):
        angle = 2 * np.pi * sector / SECTORS
        outward = places @ np.array([np.cos(angle), np.sin(angle), 0], dtype=np.float32)
        across = places @ np.array([-np.sin(angle), np.cos(angle), 0], dtype=np.float32)
        bits |= room.near_walls(across, outward, places[:, 2]).astype(np.uint8) << sector
    return bits


def _chosen(owner: NDArray[np.int32], objects: int, most: int) -> NDArray[np.int64]:
    """Rows in random order, always the same."""
    random = np.random.default_rng(0)
    total = len(owner)
    if total <= most:
        return random.permutation(total)
    some = random.choice(total, most, replace=False)
    counts = np.bincount(owner[some] + 1, minlength=objects + 1)[1:]
    few = np.flatnonzero(counts < LEAST_OF_OBJECT)
    of_few = np.flatnonzero(np.isin(owner, few))
    of_few = of_few[owner[of_few].argsort(kind="stable")]
    each = np.split(of_few, np.flatnonzero(np.diff(owner[of_few])) + 1)
    extra = [random.permutation(one)[:LEAST_OF_OBJECT] for one in each]
    rows = np.unique(np.concatenate([some, *extra]))
    return random.permutation(rows)


def _turn(up: NDArray[np.float64]) -> NDArray[np.float64]:
    """A rotation that brings a direction to z; none if it is z."""
    if up[2] > 1 - 1e-9:
        return np.eye(3)
    x = np.cross(np.eye(3)[int(np.abs(up).argmin())], up)
    x /= np.linalg.norm(x)
    return np.stack([x, np.cross(up, x), up])


def _sizes(places: NDArray[np.float32]) -> tuple[float, NDArray[np.uint8]]:
    """How large points must be to leave hardly a hole: the smallest, and how much larger each is.

    Surfaces are scanned more and less densely. On a surface, m points in a cell of side c lie
    c / sqrt(m) apart. The cell is a few times what points lie apart on average, known from a part
    of them: they come in random order, and their spacing goes with the root of how many they are.

    Returns:
        Metres, and uint8 `[n]` of 0 to 7: half the binary logarithm of the factor.
    """
    from scipy.spatial import cKDTree

    some = places[:100_000]
    if len(some) < 5:
        return 0.02, np.zeros(len(places), dtype=np.uint8)
    near, _ = cKDTree(some).query(some[:1000], k=5)
    usual = float(np.median(near[:, 4])) * float(np.sqrt(len(some) / len(places))) or 1e-3
    cell = np.floor((places - places.min(axis=0)) / (_CELL * usual)).astype(np.int64)
    sides = cell.max(axis=0) + 1
    numbers = (cell[:, 0] * sides[1] + cell[:, 1]) * sides[2] + cell[:, 2]
    _, of, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    apart = (_CELL * usual / np.sqrt(counts)[of]).clip(usual / 3, usual * 3)
    least = float(np.percentile(apart, 5))
    steps = np.rint(2 * np.log2(apart / least)).clip(0, 7).astype(np.uint8)
    return least * _COVER, steps


def _parts(points: NDArray[np.void]) -> Sequence[bytes]:
    edges = [0, *range(FIRST_PART, len(points), PART), len(points)]
    return [points[a:b].tobytes() for a, b in pairwise(edges) if b > a]
