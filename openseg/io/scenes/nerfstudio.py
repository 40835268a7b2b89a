"""nerfstudio's `transforms.json`, which instant-ngp, Polycam and Record3D exports share.

Its cameras look along -z with y up (OpenGL); here y and z are turned to OpenCV's. Its principal
point is measured from the picture's corner, half a pixel from where ours is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from openseg.io.paths import IMAGE_EXTENSIONS
from openseg.io.scenes.listing import find_cloud
from openseg.io.scenes.numbers import Matrix, intrinsics, read_json
from openseg.io.scenes.scene import DepthUnit, Fault, Intrinsics, Scene, Shot, Size, scene_of
from openseg.types.errors import InputError
from openseg.types.frame_files import picture_size

NAME = "nerfstudio"
FILE = "transforms.json"

OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])
"""From OpenCV's camera axes to OpenGL's and back."""

MILLIMETRES = 1000.0
"""nerfstudio's default depth unit, if the file names no other."""

_DISTORTION = ("k1", "k2", "k3", "k4", "p1", "p2")
_PINHOLES = {"OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "PERSPECTIVE"}


def matches(folder: Path) -> bool:
    """Whether a folder looks like this layout."""
    return (folder / FILE).is_file()


def read(folder: Path) -> Scene:
    """Reads a scene.

    Raises:
        InputError: If `transforms.json` is broken, says no focal length, or is of another camera
            model than a pinhole.
    """
    path = folder / FILE
    given = read_json(path)
    frames = given.get("frames") if isinstance(given, dict) else None
    if not isinstance(frames, list) or not frames:
        raise InputError("has no frames", where=str(path), fix="it needs a list 'frames'")
    model = given.get("camera_model", "PINHOLE")
    if model not in _PINHOLES:
        fix = "undistort the pictures to a pinhole camera"
        raise InputError(f"the camera model is {model}", where=str(path), fix=fix)
    shots = [_shot(folder, given, frame, f"{path} frame {i}") for i, frame in enumerate(frames)]
    faults = []
    if any(frame.get(key, given.get(key)) for frame in frames for key in _DISTORTION):
        what = "the pictures are distorted (k1, k2, ... are not 0): edges project a little off"
        faults.append(Fault("", what, "undistort them for exact projections"))
    if "integer_depth_scale" in given:  # Record3D and instant-ngp: metres in a stored unit
        unit = DepthUnit(1 / float(given["integer_depth_scale"]))
    else:
        unit = DepthUnit(MILLIMETRES)
    named = given.get("ply_file_path", "cloud.ply")
    cloud = find_cloud(folder, str(named), "cloud.ply", "mesh.ply")
    return scene_of(folder.resolve().name, NAME, shots, unit, cloud, faults)


def _shot(folder: Path, given: Mapping[str, Any], frame: Any, where: str) -> Shot:
    if not isinstance(frame, dict) or not isinstance(frame.get("file_path"), str):
        raise InputError("has no 'file_path'", where=where, fix="name the frame's picture")
    color = _picture(folder / frame["file_path"])
    depth = frame.get("depth_file_path")
    pose, fault = _pose(frame.get("transform_matrix"))
    name = frame["file_path"].removeprefix("./").rpartition(".")[0] or frame["file_path"]
    k = _intrinsics({**given, **frame}, color, where)
    return Shot(name, color, folder / depth if depth else None, pose, k, fault=fault)


def _picture(path: Path) -> Path:
    """The picture; synthetic scenes leave its extension out."""
    if path.suffix:
        return path
    there = (path.with_suffix(ending) for ending in IMAGE_EXTENSIONS)
    return next((one for one in there if one.is_file()), path.with_suffix(".png"))


def _pose(given: Any) -> tuple[Matrix | None, InputError | None]:
    try:
        matrix = np.array(given, dtype=np.float64)
        return np.vstack([matrix, [0, 0, 0, 1]])[:4].reshape(4, 4) @ OPENGL, None
    except (TypeError, ValueError):
        fix = "write transform_matrix as four rows of four numbers"
        return None, InputError("the transform_matrix is not a 4x4 matrix", fix=fix)


def _intrinsics(given: Mapping[str, Any], color: Path, where: str) -> Intrinsics:
    """Of the frame itself where it has its own, else of the file."""
    size: Size | None = (int(given["h"]), int(given["w"])) if {"h", "w"} <= given.keys() else None
    if "fl_x" in given:
        fx, fy = float(given["fl_x"]), float(given.get("fl_y", given["fl_x"]))
        height, width = size or _size(color)
    elif "camera_angle_x" in given:
        height, width = size or _size(color)
        fx = width / 2 / math.tan(float(given["camera_angle_x"]) / 2)
        angle = given.get("camera_angle_y")
        fy = height / 2 / math.tan(float(angle) / 2) if angle else fx
    else:
        raise InputError("has no focal length", where=where, fix="give fl_x and fl_y in pixels")
    cx, cy = float(given.get("cx", width / 2)), float(given.get("cy", height / 2))
    return Intrinsics(intrinsics(fx, fy, cx - 0.5, cy - 0.5), (height, width))


def _size(color: Path) -> Size:
    try:
        return picture_size(str(color))
    except InputError:
        return 1, 1  # the picture is missing: its frame is left out
