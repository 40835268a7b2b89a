"""Where points of the world fall in a camera's picture, and how far a camera must stand back."""

import numpy as np
import numpy.typing as npt

from openseg.mini.world.mesh import Floats
from openseg.mini.world.scene import Camera


def camera_axes(camera: Camera) -> Floats:
    """Unit vectors right, up and forward of a camera in world coordinates, float64 [3, 3]."""
    forward = np.subtract(camera.target, camera.position)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(right, forward), forward])


def project(camera: Camera, points: Floats) -> tuple[Floats, Floats]:
    """Projects points into a square picture.

    Args:
        camera: The camera.
        points: World coordinates in metres, [n, 3].

    Returns:
        Picture coordinates [n, 2], x right and y down, 0 to 1 inside the picture, and depths [n]
        in metres along the line of sight.
    """
    local = (points - np.array(camera.position)) @ camera_axes(camera).T
    reach = local[:, 2:] * np.tan(np.radians(camera.fov / 2))
    return 0.5 + 0.5 * local[:, :2] * np.array([1.0, -1.0]) / reach, local[:, 2]


def distance_that_fits(
    points: Floats, target: npt.ArrayLike, direction: npt.ArrayLike, fov: float, fill: float
) -> float:
    """The distance at which all points lie in a central part of a square picture.

    Args:
        points: World coordinates, [n, 3].
        target: The point in the middle of the picture, [3].
        direction: Unit vector from the target to the camera, [3].
        fov: Full angle of view in degrees.
        fill: Share of the picture's half width that the farthest point may reach.

    Returns:
        Distance from the target in metres.
    """
    at = np.asarray(target, dtype=np.float64)
    towards = np.asarray(direction, dtype=np.float64)
    axes = camera_axes(Camera(tuple(at + towards), tuple(at), fov))
    local = (points - at) @ axes.T
    reach = np.abs(local[:, :2]).max(axis=1) / (fill * np.tan(np.radians(fov / 2)))
    return float(np.max(reach - local[:, 2]))
