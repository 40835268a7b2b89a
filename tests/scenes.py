"""A box room with a box in it, seen exactly: rays are cut with planes, nothing is rasterised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROOM = np.array([[0.0, 0.0, 0.0], [4.0, 3.0, 2.5]])
BOX = np.array([[1.6, 1.2, 0.0], [2.3, 1.9, 0.9]])
SIZE = (96, 128)
K = np.array([[100.0, 0, 63.5], [0, 100.0, 47.5], [0, 0, 1]])

EYES = [(0.6, 0.6, 1.5), (3.4, 0.5, 1.7), (3.5, 2.5, 1.2), (0.5, 2.6, 1.6), (2.0, 0.4, 1.9)]
TARGETS = [(2.5, 2.2, 0.6), (1.2, 2.0, 0.5), (1.0, 0.9, 0.8), (2.8, 1.0, 0.4), (1.9, 2.4, 0.3)]


def look_at(eye, target):
    """Camera to world with OpenCV's axes: x right, y down, z forward; the world's z is up."""
    forward = np.subtract(target, eye)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0, 0, 1.0])
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    pose[:3, 3] = eye
    return pose


POSES = [look_at(eye, target) for eye, target in zip(EYES, TARGETS, strict=True)]


def texture(points):
    """The colour of a place: uint8, smooth in all three coordinates."""
    return np.round(255 * (points - ROOM[0]) / (ROOM[1] - ROOM[0])).clip(0, 255).astype(np.uint8)


def _slabs(eye, rays, box):
    with np.errstate(divide="ignore", invalid="ignore"):
        cuts = np.sort((box[:, None] - eye) / rays, axis=0)
    return cuts[0].max(axis=-1), cuts[1].min(axis=-1)


def distances(eye, rays):
    """How many times its length a ray goes until it meets a surface."""
    _, wall = _slabs(eye, rays, ROOM)
    enters, leaves = _slabs(eye, rays, BOX)
    return np.where((enters < leaves) & (enters > 0), enters, wall)


def _rays(pose, k, size):
    rows, columns = np.mgrid[: size[0], : size[1]]
    pixels = np.stack([columns, rows, np.ones_like(rows)], axis=-1).reshape(-1, 3)
    return pixels @ np.linalg.inv(k).T @ pose[:3, :3].T


def shows_box(pose, k=K, size=SIZE):
    """The pixels that show the box in the room, bool [h, w]."""
    enters, leaves = _slabs(pose[:3, 3], _rays(pose, k, size), BOX)
    return ((enters < leaves) & (enters > 0)).reshape(size)


def render(pose, k=K, size=SIZE):
    """Depth in metres along z, float64 [h, w], and colour uint8 [h, w, 3]."""
    rays = _rays(pose, k, size)
    depth = distances(pose[:3, 3], rays)
    points = pose[:3, 3] + depth[:, None] * rays
    return depth.reshape(size), texture(points).reshape(*size, 3)


def cloud(step=0.05):
    """Points on the walls, the floor, the ceiling and the box, float64 [n, 3]."""
    faces = []
    for low, high in (ROOM, BOX):
        for axis in range(3):
            others = [i for i in range(3) if i != axis]
            grids = [np.arange(low[i] + step / 3, high[i], step) for i in others]
            for level in (low[axis], high[axis]):
                a, b = (grid.reshape(-1) for grid in np.meshgrid(*grids, indexing="ij"))
                face = np.full((len(a), 3), level)
                face[:, others[0]], face[:, others[1]] = a, b
                faces.append(face)
    points = np.concatenate(faces)
    under = (np.abs(points[:, :2] - BOX[:, :2].mean(axis=0)) < 0.35).all(axis=1)
    return points[~(under & (points[:, 2] == 0))]  # nobody sees what the box stands on


def is_visible(points, pose):
    """Whether nothing stands between a camera and each point."""
    rays = points - pose[:3, 3]
    return np.abs(distances(pose[:3, 3], rays) - 1) < 1e-6


@dataclass
class Recording:
    """What a test writes into a folder; change a field to spoil it."""

    poses: list
    depths: list
    colors: list
    points: np.ndarray
    k: np.ndarray
    size: tuple

    def shots(self):
        """Pose, depth and colour of each frame."""
        return list(zip(self.poses, self.depths, self.colors, strict=True))


def recording(count=5, size=SIZE, k=K):
    pictures = [render(pose, k, size) for pose in POSES[:count]]
    return Recording(
        [pose.copy() for pose in POSES[:count]],
        [depth for depth, _ in pictures],
        [color for _, color in pictures],
        cloud(),
        k,
        size,
    )
