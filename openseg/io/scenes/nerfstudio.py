"""nerfstudio's `transforms.json`, which instant-ngp, Polycam and Record3D exports share.

Its cameras look along -z with y up (OpenGL); here y and z are turned to OpenCV's. Its principal
point is measured from the picture's corner, half a pixel from where ours is.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openseg.io.paths import IMAGE_EXTENSIONS
from openseg.io.scenes.listing import find_cloud
from openseg.io.scenes.numbers import Matrix, intrinsics, read_json
from openseg.io.scenes.scene import DepthUnit, Fault, Intrinsics, Scene, Shot, Size, scene_of
from openseg.types.errors import InputError
from openseg.types.scenes.frame_files import picture_size

NAME = "nerfstudio"
FILE = "transforms.json"

OPENGL = np.diag([1.0, -1.0, -1.0, 1.0])
"""From OpenCV's camera axes to OpenGL's and back."""

MILLIMETRES = 1000.0
"""nerfstudio's default depth unit, if the file names no other."""

_DISTORTION = ("k1", "k2", "k3", "k4", "p1", "p2")
_PINHOLES = {"OPENCV", "PINHOLE", "SIMPLE_PINHOLE", "PERSPECTIVE"}
_LARGEST = 100_000


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
    if not isinstance(given, dict) or not given.get("frames"):
        raise InputError("has no frames", where=str(path), fix="it needs a list 'frames'")
    said = _checked(_Recording, given, str(path))
    if said.camera_model not in _PINHOLES:
        fix = "undistort the pictures to a pinhole camera"
        raise InputError(f"the camera model is {said.camera_model}", where=str(path), fix=fix)
    frames = [
        # What a frame says of its own camera goes before what the file says of all.
        _checked(_Frame, {**given, **frame}, f"{path} frame {number}")
        for number, frame in enumerate(said.frames)
    ]
    shots = [_shot(folder, one, f"{path} frame {i}") for i, one in enumerate(frames)]
    faults = []
    if any(frame.get(key, given.get(key)) for frame in said.frames for key in _DISTORTION):
        what = "the pictures are distorted (k1, k2, ... are not 0): edges project a little off"
        faults.append(Fault("", what, "undistort them for exact projections"))
    # Record3D and instant-ngp: metres in a stored unit.
    scale = said.integer_depth_scale
    unit = DepthUnit(MILLIMETRES if scale is None else 1 / scale)
    cloud = find_cloud(folder, said.ply_file_path, "cloud.ply", "mesh.ply")
    return scene_of(folder.resolve().name, NAME, shots, unit, cloud, faults)


class _Recording(BaseModel):
    """What the file says of all frames."""

    model_config = ConfigDict(allow_inf_nan=False)

    frames: list[dict[str, Any]]
    camera_model: str = "PINHOLE"
    integer_depth_scale: float | None = Field(None, gt=0)
    ply_file_path: str = "cloud.ply"


class _Frame(BaseModel):
    """One frame and its camera; lengths in pixels, angles in radians."""

    model_config = ConfigDict(allow_inf_nan=False)

    file_path: str = Field(min_length=1)
    depth_file_path: str | None = None
    transform_matrix: Any = None
    h: float | None = Field(None, ge=1, le=_LARGEST)
    w: float | None = Field(None, ge=1, le=_LARGEST)
    fl_x: float | None = Field(None, gt=0)
    fl_y: float | None = Field(None, gt=0)
    cx: float | None = None
    cy: float | None = None
    camera_angle_x: float | None = Field(None, gt=0, lt=math.pi)
    camera_angle_y: float | None = Field(None, gt=0, lt=math.pi)


_Said = TypeVar("_Said", bound=BaseModel)


def _checked(kind: type[_Said], given: Any, where: str) -> _Said:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}"
        raise InputError(what, where=where, fix="write the file as nerfstudio does") from None


def _shot(folder: Path, frame: _Frame, where: str) -> Shot:
    color = _picture(folder / frame.file_path)
    depth = folder / frame.depth_file_path if frame.depth_file_path else None
    pose, fault = _pose(frame.transform_matrix)
    name = frame.file_path.removeprefix("./").rpartition(".")[0] or frame.file_path
    return Shot(name, color, depth, pose, _intrinsics(frame, color, where), fault=fault)


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
    except (TypeError, ValueError, OverflowError):
        fix = "write transform_matrix as four rows of four numbers"
        return None, InputError("the transform_matrix is not a 4x4 matrix", fix=fix)


def _intrinsics(frame: _Frame, color: Path, where: str) -> Intrinsics:
    size = (int(frame.h), int(frame.w)) if frame.h and frame.w else _size(color)
    height, width = size
    if frame.fl_x is not None:
        fx, fy = frame.fl_x, frame.fl_y or frame.fl_x
    elif frame.camera_angle_x is not None:
        fx = width / 2 / math.tan(frame.camera_angle_x / 2)
        angle = frame.camera_angle_y
        fy = height / 2 / math.tan(angle / 2) if angle is not None else fx
    else:
        raise InputError("has no focal length", where=where, fix="give fl_x and fl_y in pixels")
    cx = width / 2 if frame.cx is None else frame.cx
    cy = height / 2 if frame.cy is None else frame.cy
    return Intrinsics(intrinsics(fx, fy, cx - 0.5, cy - 0.5), size)


def _size(color: Path) -> Size:
    try:
        return picture_size(str(color))
    except InputError:
        return 1, 1  # the picture is missing: its frame is left out
