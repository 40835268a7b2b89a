"""TUM RGB-D (Sturm et al., IROS 2012): `rgb.txt`, `depth.txt`, `groundtruth.txt`, matched in time.

Depth in fifths of a millimetre, already laid on the colour picture; poses are camera to world as
`time tx ty tz qx qy qz qw`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from openseg.io.scenes.listing import closest_in_time, find_cloud
from openseg.io.scenes.numbers import Matrix, intrinsics, read_rows, read_text
from openseg.io.scenes.scene import DepthUnit, Intrinsics, Scene, Shot, scene_of
from openseg.types.errors import InputError

NAME = "tum"
DEPTH = DepthUnit(5000)

WITHIN = 0.02
"""Seconds that a pair may lie apart; the data set's own tool takes the same."""

CAMERAS = {
    "freiburg1": (517.3, 516.5, 318.6, 255.3),
    "freiburg2": (520.9, 521.0, 325.1, 249.7),
    "freiburg3": (535.4, 539.2, 320.1, 247.6),
}
"""Colour intrinsics of the three cameras, from the data set's page; 640x480."""

DEFAULT = (525.0, 525.0, 319.5, 239.5)
"""What the data set's page gives for any PrimeSense camera."""


def matches(folder: Path) -> bool:
    """Whether a folder looks like this layout."""
    return (folder / "rgb.txt").is_file() and (folder / "groundtruth.txt").is_file()


def read(folder: Path) -> Scene:
    """Reads a sequence; its folder's name says which of the three cameras took it.

    Raises:
        InputError: If a list is missing or broken.
    """
    times, pictures = _listed(folder / "rgb.txt")
    depth_times, depths = _listed(folder / "depth.txt")
    rows = read_rows(folder / "groundtruth.txt", columns=8)
    poses = _poses(rows)
    depth_of = closest_in_time(times, depth_times, WITHIN)
    pose_of = closest_in_time(times, rows[:, 0].tolist(), WITHIN)
    scene = folder.resolve().name
    numbers = next((k for name, k in CAMERAS.items() if name in scene), DEFAULT)
    camera = Intrinsics(intrinsics(*numbers), (480, 640))
    shots = [
        Shot(
            f"{time:.6f}",
            folder / pictures[row],
            folder / depths[depth_of[row]] if row in depth_of else None,
            poses[pose_of[row]] if row in pose_of else None,
            camera,
        )
        for row, time in enumerate(times)
    ]
    return scene_of(scene, NAME, shots, DEPTH, find_cloud(folder, "cloud.ply", "mesh.ply"))


def _listed(path: Path) -> tuple[list[float], list[str]]:
    """Times and paths of a list of files."""
    times: list[float] = []
    files: list[str] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            time, file = float(words[0]), words[1]
        except (ValueError, IndexError):
            what = f"{line.strip()[:40]!r} is not a time and a file"
            raise InputError(what, where=f"{path}:{number}", fix="is the file cut off?") from None
        times.append(time)
        files.append(file)
    return times, files


def _poses(rows: Matrix) -> Matrix:
    """Poses `[n, 4, 4]` of lines of time, place and quaternion."""
    import torch

    from openseg.ops.geometry import rotation_from_quaternion

    poses = np.tile(np.eye(4), (len(rows), 1, 1))
    poses[:, :3, :3] = rotation_from_quaternion(torch.from_numpy(rows[:, 4:])).numpy()
    poses[:, :3, 3] = rows[:, 1:4]
    return poses
