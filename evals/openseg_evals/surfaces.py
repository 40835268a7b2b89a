"""Surfaces of masks, as points with areas, and the distances between two of them.

A mask's surface is either its border voxels, each worth the same, or the pieces that marching
cubes cuts between eight voxels (four pixels), each worth its area (length). All sizes are in mm.
"""

from __future__ import annotations

import math
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HALF = 0.5
_SPARSE = 50  # voxels a point from which on a search tree is quicker than a transform
_Corner = tuple[int, ...]
_Edge = tuple[_Corner, ...]
_Polygon = NDArray[np.float64]


class Surface(NamedTuple):
    """A surface in pieces.

    Attributes:
        points: Index of each piece along the axes of the mask, `int64 [n, d]`.
        areas: Its area in mm² (length in mm in 2D), or 1, `float64 [n]`.
        grid: Size of the array that the points lie in.
    """

    points: NDArray[np.int64]
    areas: NDArray[np.float64]
    grid: tuple[int, ...]


def border_voxels(mask: NDArray[np.bool_]) -> Surface:
    """Voxels of the mask that have a face in common with the outside, bool `[...]`.

    What lies beyond the array is outside. Source: MedPy `metric/binary.py`, MONAI `get_mask_edges`.
    """
    points = np.argwhere(mask & ~ndimage.binary_erosion(mask))
    return Surface(points, np.ones(len(points)), mask.shape)


def marching_cubes(mask: NDArray[np.bool_], spacing: Sequence[float]) -> Surface:
    """The pieces of surface between neighbouring voxels, and their areas.

    Args:
        mask: bool `[h, w]` or `[d, h, w]`; what lies beyond the array is outside.
        spacing: Distance of voxels along each axis, mm.

    Returns:
        A piece a cell that the surface crosses; a cell has a voxel centre at each corner, and the
        index of the last of them. Source: google-deepmind/surface-distance `metrics.py`.
    """
    dimensions = mask.ndim
    padded = np.pad(mask, 1).view(np.uint8)
    codes = np.zeros([side + 1 for side in mask.shape], dtype=np.uint8)
    for bit, corner in enumerate(product((0, 1), repeat=dimensions)):
        window = tuple(
            slice(low, low + side) for low, side in zip(corner, codes.shape, strict=True)
        )
        codes |= padded[window] << bit
    crossed = (codes != 0) & (codes != 2 ** (2**dimensions) - 1)
    return Surface(np.argwhere(crossed), _areas(spacing)[codes[crossed]], codes.shape)


def distances(start: Surface, end: Surface, spacing: Sequence[float]) -> NDArray[np.float64]:
    """From each piece of one surface to the nearest of another.

    Args:
        start: Where to measure from, `n` pieces.
        end: Where to measure to.
        spacing: Distance of voxels along each axis, mm.

    Returns:
        mm, `float64 [n]`; infinite if the other surface is empty.
    """
    if not len(end.points):
        return np.full(len(start.points), np.inf)
    nearest = _nearest(start.points, end, spacing)
    steps = (start.points - nearest) * np.asarray(spacing, dtype=np.float64)
    return np.asarray(np.sqrt((steps * steps).sum(axis=1)))


def _nearest(
    points: NDArray[np.int64], surface: Surface, spacing: Sequence[float]
) -> NDArray[np.int64]:
    """The piece of a surface that is nearest to each point, as an index, `int64 [n, d]`."""
    if len(points) * _SPARSE < math.prod(surface.grid):
        tree = cKDTree(surface.points * spacing, balanced_tree=False, compact_nodes=False)
        return np.asarray(surface.points[tree.query(points * spacing)[1]])
    away = np.ones(surface.grid, dtype=np.bool_)
    away[tuple(surface.points.T)] = False
    places = ndimage.distance_transform_edt(
        away, sampling=spacing, return_distances=False, return_indices=True
    )
    return np.asarray(places[(slice(None), *points.T)].T)


def _areas(spacing: Sequence[float]) -> NDArray[np.float64]:
    """The area inside a cell of every pattern of its corners, `float64 [2 ** corners]`."""
    if len(spacing) == 2:
        sides = _segments() * np.asarray(spacing, dtype=np.float64)
        return np.asarray(np.linalg.norm(sides, axis=-1).sum(axis=-1))
    first, second, third = spacing
    scale = np.array([second * third, first * third, first * second])
    return np.asarray(np.linalg.norm(_triangles() * scale, axis=-1).sum(axis=-1))


@cache
def _segments() -> NDArray[np.float64]:
    """The lines that cross a square, for its 16 patterns, `float64 [16, 2, 2]`."""
    ring = [(0, 0), (0, 1), (1, 1), (1, 0)]
    table = np.zeros((16, 2, 2))
    for code in range(16):
        inside = _pattern(code, 2)
        for place, (start, end) in enumerate(_face_lines(ring, inside, separate=True)):
            table[code, place] = np.mean(end, axis=0) - np.mean(start, axis=0)
    return table


@cache
def _triangles() -> NDArray[np.float64]:
    """Normals, as long as the area, of the triangles in a cube of side 1, `float64 [256, 4, 3]`."""
    table = np.zeros((256, 4, 3))
    for code in range(256):
        normals = [one for polygon in _polygons(_pattern(code, 3)) for one in _normals(polygon)]
        table[code, : len(normals)] = np.reshape(normals, (-1, 3))
    return table


def _pattern(code: int, dimensions: int) -> dict[_Corner, bool]:
    corners = product((0, 1), repeat=dimensions)
    return {corner: bool(code >> bit & 1) for bit, corner in enumerate(corners)}


def _face_lines(
    ring: Sequence[_Corner], inside: dict[_Corner, bool], *, separate: bool
) -> Iterator[tuple[_Edge, _Edge]]:
    """Pairs of edges of a square face that the surface joins by a line.

    Args:
        ring: The corners in order.
        inside: Which of them belong to the mask.
        separate: Of two opposite pairs of corners, the one that is cut off: inside, or outside.
    """
    edges = [tuple(sorted((ring[place - 1], ring[place]))) for place in range(4)]
    cut = [place for place in range(4) if inside[ring[place - 1]] != inside[ring[place]]]
    if len(cut) == 2:
        yield edges[cut[0]], edges[cut[1]]
    elif len(cut) == 4:
        for place in range(4):
            if inside[ring[place]] == separate:
                yield edges[place], edges[(place + 1) % 4]


def _polygons(inside: dict[_Corner, bool]) -> Iterator[_Polygon]:
    """The closed polygons in which the surface crosses a cube, corners at midpoints of edges.

    Voxels that touch along an edge of a face only are apart, those in the minority; inside, if
    there are four.
    """
    separate = sum(inside.values()) <= 4
    joined: dict[_Edge, list[_Edge]] = {}
    for axis, side in product(range(3), (0, 1)):
        ring = [(*ends[:axis], side, *ends[axis:]) for ends in ((0, 0), (0, 1), (1, 1), (1, 0))]
        for start, end in _face_lines(ring, inside, separate=separate):
            joined.setdefault(start, []).append(end)
            joined.setdefault(end, []).append(start)
    while joined:
        edge: _Edge | None = min(joined)
        loop = []
        while edge:
            loop.append(np.mean(edge, axis=0))
            edge = next((one for one in joined.pop(edge) if one in joined), None)
        yield np.array(loop)


def _normals(polygon: _Polygon) -> list[NDArray[np.float64]]:
    """Normals of the triangles that fill a polygon, cut so that their area is largest."""

    def cuts(first: int, last: int) -> Iterator[list[NDArray[np.float64]]]:
        if last - first < 2:
            yield []
            return
        for middle in range(first + 1, last):
            sides = polygon[[middle, last]] - polygon[first]
            normal = _HALF * np.cross(sides[0], sides[1])
            for left, right in product(cuts(first, middle), list(cuts(middle, last))):
                yield [normal, *left, *right]

    return max(cuts(0, len(polygon) - 1), key=lambda some: np.linalg.norm(some, axis=1).sum())
