"""ARKitScenes (Baruch et al., NeurIPS 2021): `lowres_wide`, `lowres_depth` and their cameras.

Files are named `<scene>_<seconds>`. Intrinsics are one `.pincam` a frame (`width height fx fy cx
cy`); `lowres_wide.traj` holds `time, axis-angle, translation` from world to camera.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from openseg.io.scenes.listing import closest_in_time, files_by_stem, find_cloud
from openseg.io.scenes.numbers import Matrix, intrinsics, read_rows
from openseg.io.scenes.scene import DepthUnit, Intrinsics, Scene, Shot, scene_of
from openseg.types.errors import InputError

NAME = "arkitscenes"
DEPTH = DepthUnit(1000)

WITHIN = 0.005
"""Seconds between a picture and its pose, and between a picture and its intrinsics; the data
set's own loader takes the same, since names round to milliseconds."""


def matches(folder: Path) -> bool:
    """Whether a folder looks like this layout."""
    return (folder / "lowres_wide.traj").is_file()


def read(folder: Path) -> Scene:
    """Reads a scene.

    Raises:
        InputError: If pictures, trajectory or intrinsics are missing or broken.
    """
    color = files_by_stem(folder / "lowres_wide")
    depth = files_by_stem(folder / "lowres_depth")
    cameras = files_by_stem(folder / "lowres_wide_intrinsics", (".pincam",))
    if not color or not cameras:
        missing = "pictures in lowres_wide" if not color else "files in lowres_wide_intrinsics"
        fix = "download the scene's lowres_wide, lowres_depth and lowres_wide_intrinsics"
        raise InputError(f"has no {missing}", where=str(folder), fix=fix)
    rows = read_rows(folder / "lowres_wide.traj", columns=7)
    poses = _poses(rows)
    times = [_time(path) for path in color.values()]
    pose_of = closest_in_time(times, rows[:, 0].tolist(), WITHIN)
    camera_files = list(cameras.values())
    camera_of = closest_in_time(times, [_time(path) for path in camera_files], WITHIN)
    depth_files = list(depth.values())
    depth_of = closest_in_time(times, [_time(path) for path in depth_files], WITHIN)
    shots = []
    for row, (name, picture) in enumerate(color.items()):
        pose = poses[pose_of[row]] if row in pose_of else None
        fault = None if row in camera_of else InputError("has no intrinsics", fix="it is left out")
        camera, fault = _camera(camera_files[camera_of.get(row, 0)], fault)
        other = depth_files[depth_of[row]] if row in depth_of else None
        shots.append(Shot(name, picture, other, pose, camera, fault=fault))
    scene = folder.resolve().name
    cloud = find_cloud(folder, f"{scene}_3dod_mesh.ply")
    return scene_of(scene, NAME, shots, DEPTH, cloud)


def _time(path: Path) -> float:
    try:
        return float(path.stem.rpartition("_")[2])
    except ValueError:
        fix = "files are called <scene>_<seconds>"
        raise InputError("has no time in its name", where=str(path), fix=fix) from None


def _camera(path: Path, fault: InputError | None) -> tuple[Intrinsics, InputError | None]:
    try:
        numbers = read_rows(path, columns=6)
        width, height, *rest = numbers[0]
        size = int(height), int(width)
    except (InputError, IndexError, ValueError, OverflowError):
        broken = InputError(f"the intrinsics {path.name} are broken", fix="download them again")
        return Intrinsics(np.eye(3)), fault or broken
    return Intrinsics(intrinsics(*rest), size), fault


def _poses(rows: Matrix) -> Matrix:
    """Poses `[n, 4, 4]` camera to world."""
    import torch

    from openseg.ops.geometry import invert_pose, rotation_from_axis_angle

    to_camera = torch.eye(4, dtype=torch.float64).repeat(len(rows), 1, 1)
    to_camera[:, :3, :3] = rotation_from_axis_angle(torch.from_numpy(rows[:, 1:4]))
    to_camera[:, :3, 3] = torch.from_numpy(rows[:, 4:])
    poses: Matrix = invert_pose(to_camera).numpy()
    return poses
