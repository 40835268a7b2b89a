"""Triangle meshes in plain NumPy: the few primitives that all objects are built from.

Boxes, surfaces of revolution, superellipsoids and tubes; z points up, lengths are free until an
object is scaled to metres.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mesh:
    """A triangle mesh.

    Attributes:
        points: Vertex positions, float64 [n, 3].
        faces: Vertex indices of triangles, int64 [m, 3], counter-clockwise seen from outside.
    """

    points: Floats
    faces: npt.NDArray[np.int64]

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> "Mesh":
        """This mesh, translated."""
        return Mesh(self.points + np.array([x, y, z]), self.faces)

    def scaled(self, x: float, y: float, z: float) -> "Mesh":
        """This mesh, scaled along the axes by positive factors."""
        return Mesh(self.points * np.array([x, y, z]), self.faces)

    def turned(self, axis: str, degrees: float) -> "Mesh":
        """This mesh, rotated about the `x`, `y` or `z` axis through the origin (right-handed)."""
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        rotation = np.eye(3)
        rotation[i, i], rotation[i, j], rotation[j, i], rotation[j, j] = c, -s, s, c
        return Mesh(self.points @ rotation.T, self.faces)


def merge(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh that holds all the given ones; at least one is needed."""
    offsets = np.cumsum([0] + [len(m.points) for m in meshes[:-1]])
    return Mesh(
        np.concatenate([m.points for m in meshes]),
        np.concatenate([m.faces + offset for m, offset in zip(meshes, offsets, strict=True)]),
    )


def ring_faces(rows: int, columns: int) -> npt.NDArray[np.int64]:
    """Triangles between `rows` closed rings of `columns` vertices each, int64 [m, 3]."""
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(columns), indexing="ij")
    a, b = (r * columns + c).ravel(), (r * columns + (c + 1) % columns).ravel()
    d, e = a + columns, b + columns
    return np.concatenate([np.stack([a, b, e], 1), np.stack([a, e, d], 1)])


def _without_slivers(points: Floats, faces: npt.NDArray[np.int64]) -> Mesh:
    corners = points[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return Mesh(points, faces[np.linalg.norm(normals, axis=1) > 1e-12])


def box(x: float, y: float, z: float) -> Mesh:
    """A box of the given full side lengths, centred in x and y, standing on z = 0."""
    corners = np.array([[i, j, k] for k in (0, 1) for j in (-0.5, 0.5) for i in (-0.5, 0.5)])
    quads = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
    points = np.concatenate([corners[list(quad)] for quad in quads]) * np.array([x, y, z])
    first = 4 * np.arange(6)[:, None]
    faces = np.concatenate([first + np.array([0, 1, 2]), first + np.array([0, 2, 3])])
    return Mesh(points, faces)


def lathe(profile: Sequence[tuple[float, float]], sides: int = 28) -> Mesh:
    """The surface of revolution of a profile about the z axis.

    Args:
        profile: (radius, z) pairs; with the profile running upwards the outside faces outwards.
        sides: Number of steps around the axis.
    """
    angles = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    radius, z = np.array(profile, dtype=np.float64).T
    points = np.stack(
        [
            radius[:, None] * np.cos(angles),
            radius[:, None] * np.sin(angles),
            np.broadcast_to(z[:, None], (len(z), sides)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    return _without_slivers(points, ring_faces(len(profile), sides))


def superellipsoid(x: float, y: float, z: float, squareness: float = 1.0, steps: int = 14) -> Mesh:
    """A superellipsoid of the given full side lengths, centred at the origin.

    Args:
        x: Full length along x.
        y: Full length along y.
        z: Full length along z.
        squareness: Exponent of its sines and cosines: 1 is an ellipsoid, 0.3 a pillow.
        steps: Vertices from pole to pole.
    """

    def power(values: Floats) -> Floats:
        return np.sign(values) * np.abs(values) ** squareness

    latitude = np.linspace(-np.pi / 2, np.pi / 2, steps)[:, None]
    longitude = np.linspace(0, 2 * np.pi, 2 * steps, endpoint=False)
    points = 0.5 * np.stack(
        [
            x * power(np.cos(latitude)) * power(np.cos(longitude)),
            y * power(np.cos(latitude)) * power(np.sin(longitude)),
            z * np.broadcast_to(power(np.sin(latitude)), (steps, 2 * steps)),
        ],
        axis=-1,
    )
    points[[0, -1], :, :2] = 0.0
    return _without_slivers(points.reshape(-1, 3), ring_faces(steps, 2 * steps))


def tube(path: npt.ArrayLike, radius: float, sides: int = 10) -> Mesh:
    """A round tube along a polyline, with closed ends.

    Args:
        path: Points of the centre line, [n, 3].
        radius: Radius of the tube.
        sides: Number of steps around the centre line.
    """
    centre = np.asarray(path, dtype=np.float64)
    tangent = np.gradient(centre, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    # A fixed helper axis is enough because no path here turns through all directions.
    spread = np.abs(tangent).max(axis=0)
    helper = np.eye(3)[np.argmin(spread)]
    side = np.cross(tangent, helper)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(tangent, side)
    angles = np.linspace(0, 2 * np.pi, sides, endpoint=False)[:, None]
    ring = np.cos(angles) * side[:, None] + np.sin(angles) * other[:, None]
    tubes = centre[:, None] + radius * ring
    ends = [np.broadcast_to(centre[i], (1, sides, 3)) for i in (0, -1)]
    points = np.concatenate([ends[0], tubes, ends[1]])
    return _without_slivers(points.reshape(-1, 3), ring_faces(len(points), sides))


def arc(radius: float, start: float, stop: float, steps: int = 14, plane: str = "xz") -> Floats:
    """Points on a circle about the origin in the `xz` or `yz` plane, angles in degrees from x/y."""
    angle = np.radians(np.linspace(start, stop, steps))
    flat = {"xz": 0, "yz": 1}[plane]
    points = np.zeros((steps, 3))
    points[:, flat], points[:, 2] = radius * np.cos(angle), radius * np.sin(angle)
    return points
