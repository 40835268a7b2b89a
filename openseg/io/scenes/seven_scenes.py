"""7-Scenes (Shotton et al., CVPR 2013): `seq-01/frame-000000.color.png`, `.depth.png`, `.pose.txt`.

Depth in millimetres, 65535 where there is none; poses camera to world. Colour and depth come from a
Kinect and are published without calibration: the publisher's intrinsics serve both.
"""

from __future__ import annotations

from pathlib import Path

from openseg.io.scenes.listing import find_cloud, gaps, pose_of
from openseg.io.scenes.numbers import intrinsics
from openseg.io.scenes.scene import DepthUnit, Fault, Intrinsics, Scene, Shot, scene_of

NAME = "7-scenes"
DEPTH = DepthUnit(1000, (65535,))
KINECT = Intrinsics(intrinsics(585, 585, 320, 240), (480, 640))
"""Focal length and principal point that the data set's page gives."""

_COLOR, _DEPTH, _POSE = ".color.png", ".depth.png", ".pose.txt"


def matches(folder: Path) -> bool:
    """Whether a folder looks like this layout."""
    return any(folder.glob(f"frame-*{_POSE}")) or any(folder.glob(f"seq-*/frame-*{_POSE}"))


def read(folder: Path) -> Scene:
    """Reads one sequence, or a scene with all its sequences, which share the world's axes."""
    sequences = sorted(one for one in folder.glob("seq-*") if one.is_dir()) or [folder]
    shots: list[Shot] = []
    faults: list[Fault] = []
    for sequence in sequences:
        prefix = f"{sequence.name}/" if sequence != folder else ""
        # By color or pose: either may be missing in the middle.
        names = {
            path.name.removesuffix(end)
            for end in (_COLOR, _POSE)
            for path in sequence.glob(f"frame-*{end}")
        }
        faults += gaps([prefix + name for name in sorted(names)])
        for name in sorted(names):
            pose, fault = pose_of(sequence / f"{name}{_POSE}")
            color, depth = sequence / f"{name}{_COLOR}", sequence / f"{name}{_DEPTH}"
            shots.append(Shot(prefix + name, color, depth, pose, KINECT, fault=fault))
    cloud = find_cloud(folder, "cloud.ply", "mesh.ply")
    return scene_of(folder.resolve().name, NAME, shots, DEPTH, cloud, faults)
