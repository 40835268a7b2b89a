"""Triangle meshes in plain NumPy: the few solids that all things are built from.

Boxes, surfaces of revolution, superellipsoids, tubes and slabs; z points up, lengths in metres.
Every vertex carries a place on a texture, in metres along the surface.
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
        uv: Texture places in metres, float64 [n, 2].
    """

    points: Floats
    faces: npt.NDArray[np.int64]
    uv: Floats

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> "Mesh":
        """This mesh, translated."""
        return Mesh(self.points + np.array([x, y, z]), self.faces, self.uv)

    def scaled(self, factor: float) -> "Mesh":
        """This mesh, scaled by a positive factor."""
        return Mesh(self.points * factor, self.faces, self.uv * factor)

    def stretched(self, x: float, y: float, z: float) -> "Mesh":
        """This mesh, scaled along the axes by positive factors; the texture stretches along."""
        return Mesh(self.points * np.array([x, y, z]), self.faces, self.uv)

    def turned(self, axis: str, degrees: float) -> "Mesh":
        """This mesh, rotated about the `x`, `y` or `z` axis through the origin (right-handed)."""
        c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        rotation = np.eye(3)
        rotation[i, i], rotation[i, j], rotation[j, i], rotation[j, j] = c, -s, s, c
        return Mesh(self.points @ rotation.T, self.faces, self.uv)


def merge(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh that holds all the given ones; at least one is needed."""
    offsets = np.cumsum([0] + [len(m.points) for m in meshes[:-1]])
    return Mesh(
        np.concatenate([m.points for m in meshes]),
        np.concatenate([m.faces + offset for m, offset in zip(meshes, offsets, strict=True)]),
        np.concatenate([m.uv for m in meshes]),
    )


def _grid(points: Floats, uv: Floats) -> Mesh:
    """Triangles between neighbours of a grid of points [r, c, 3] with texture places [r, c, 2]."""
    rows, columns = points.shape[:2]
    r, c = np.meshgrid(np.arange(rows - 1), np.arange(columns - 1), indexing="ij")
    a = (r * columns + c).ravel()
    b, d, e = a + 1, a + columns, a + columns + 1
    faces = np.concatenate([np.stack([a, b, e], 1), np.stack([a, e, d], 1)])
    flat = points.reshape(-1, 3)
    corners = flat[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    kept = np.linalg.norm(normals, axis=1) > 1e-12  # no slivers at poles
    return Mesh(flat, faces[kept], uv.reshape(-1, 2))


def box(x: float, y: float, z: float) -> Mesh:
    """A box of the given full side lengths, centred in x and y, standing on z = 0."""
    corners = np.array([[i, j, k] for k in (0, 1) for j in (-0.5, 0.5) for i in (-0.5, 0.5)])
    quads = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))
    points = np.concatenate([corners[list(quad)] for quad in quads]) * np.array([x, y, z])
    first = 4 * np.arange(6)[:, None]
    faces = np.concatenate([first + np.array([0, 1, 2]), first + np.array([0, 2, 3])])
    # The texture runs upright on the sides and along y on the top and bottom.
    axes = ((0, 1), (0, 1), (0, 2), (0, 2), (1, 2), (1, 2))
    uv = np.concatenate([points[4 * k : 4 * k + 4][:, axis] for k, axis in enumerate(axes)])
    return Mesh(points, faces, uv)


def lathe(profile: Sequence[tuple[float, float]], sides: int = 24) -> Mesh:
    """The surface of revolution of a profile about the z axis.

    Args:
        profile: (radius, z) pairs; with the profile running upwards the outside faces outwards.
        sides: Number of steps around the axis.
    """
    angles = np.linspace(0, 2 * np.pi, sides + 1)
    radius, z = np.array(profile, dtype=np.float64).T
    points = np.stack(
        [
            radius[:, None] * np.cos(angles),
            radius[:, None] * np.sin(angles),
            np.broadcast_to(z[:, None], (len(z), sides + 1)),
        ],
        axis=-1,
    )
    points[:, -1] = points[:, 0]
    along = np.concatenate([[0], np.cumsum(np.hypot(np.diff(radius), np.diff(z)))])
    u, v = np.meshgrid(angles * radius.max(), along)
    return _grid(points, np.stack([u, v], axis=-1))


def blob(x: float, y: float, z: float, squareness: float = 1.0, steps: int = 11) -> Mesh:
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
    longitude = np.linspace(0, 2 * np.pi, 2 * steps + 1)
    cosine, sine = power(np.cos(latitude)), power(np.sin(latitude))
    points = 0.5 * np.stack(
        [
            x * cosine * power(np.cos(longitude)),
            y * cosine * power(np.sin(longitude)),
            z * np.broadcast_to(sine, (steps, 2 * steps + 1)),
        ],
        axis=-1,
    )
    points[[0, -1], :, :2] = 0.0
    points[:, -1] = points[:, 0]
    # Seen from above the texture lies flat on broad blobs and wraps around tall ones.
    if z < 0.6 * min(x, y):
        return _grid(points, points[..., :2].copy())
    u, v = np.meshgrid(longitude * (x + y) / 4, latitude[:, 0] * z / 2)
    return _grid(points, np.stack([u, v], axis=-1))


def tube(path: npt.ArrayLike, radius: float, sides: int = 8) -> Mesh:
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
    helper = np.eye(3)[np.argmin(np.abs(tangent).max(axis=0))]
    side = np.cross(tangent, helper)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    other = np.cross(tangent, side)
    angles = np.linspace(0, 2 * np.pi, sides + 1)[:, None]
    ring = np.cos(angles) * side[:, None] + np.sin(angles) * other[:, None]
    ring[:, -1] = ring[:, 0]
    tubes = centre[:, None] + radius * ring
    ends = [np.broadcast_to(centre[i], (1, sides + 1, 3)) for i in (0, -1)]
    points = np.concatenate([ends[0], tubes, ends[1]])
    steps = np.linalg.norm(np.diff(points[:, 0], axis=0), axis=1)
    u, v = np.meshgrid(angles[:, 0] * radius, np.concatenate([[0], np.cumsum(steps)]))
    return _grid(points, np.stack([u, v], axis=-1))


def slab(outline: npt.ArrayLike, thickness: float) -> Mesh:
    """A flat solid with an outline that all its points are seen from the middle of.

    Args:
        outline: Corners (y, z), counter-clockwise seen from +x, [n, 2].
        thickness: Full length along x, from x = 0 towards +x.
    """
    edge = np.asarray(outline, dtype=np.float64)
    closed = np.concatenate([edge, edge[:1]])
    middle = np.broadcast_to(edge.mean(axis=0), closed.shape)
    flat = np.stack([middle, closed, closed, middle])
    depth = np.array([0.0, 0.0, thickness, thickness])[:, None]
    points = np.stack([np.broadcast_to(depth, flat.shape[:2]), flat[..., 0], flat[..., 1]], axis=-1)
    return _grid(points, flat + np.array([1.0, 0.0]) * depth[..., None])


def arc(radius: float, start: float, stop: float, steps: int = 12, plane: str = "xz") -> Floats:
    """Points on a circle about the origin in the `xz` or `yz` plane, angles in degrees from x/y."""
    angle = np.radians(np.linspace(start, stop, steps))
    flat = {"xz": 0, "yz": 1}[plane]
    points = np.zeros((steps, 3))
    points[:, flat], points[:, 2] = radius * np.cos(angle), radius * np.sin(angle)
    return points
