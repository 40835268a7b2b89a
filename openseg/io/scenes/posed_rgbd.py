"""Own recordings: a `scene.yaml` (or `.json`) says where everything is and in which units.

It names folders of pictures and depth maps, the depth unit, intrinsics with the picture size they
are for, and the poses. `EXAMPLE` is one for a Kinect recording with an Open3D trajectory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openseg.io.scenes.listing import DEPTH_EXTENSIONS, files_by_stem, find_cloud, gaps, pose_of
from openseg.io.scenes.nerfstudio import OPENGL
from openseg.io.scenes.numbers import Matrix, intrinsics, read_rows, read_text
from openseg.io.scenes.scene import DepthUnit, Fault, Intrinsics, Scene, Shot, scene_of
from openseg.types.errors import InputError
from openseg.types.plain_yaml import read_yaml

NAME = "posed-rgbd"
FILES = ("scene.yaml", "scene.yml", "scene.json")

EXAMPLE = """\
color: color
depth: depth
depth_scale: 1000
intrinsics: {fx: 525, fy: 525, cx: 319.5, cy: 239.5, width: 640, height: 480}
poses: trajectory.log
"""


class CameraNumbers(BaseModel):
    """A pinhole camera and the picture it is for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fx: float = Field(gt=0, description="Focal length in pixels, across.")
    fy: float = Field(gt=0, description="Focal length in pixels, down.")
    cx: float = Field(description="Principal point from the centre of the left column.")
    cy: float = Field(description="Principal point from the centre of the top row.")
    width: int = Field(gt=0, description="Width of the pictures these numbers are for.")
    height: int = Field(gt=0, description="Height of the pictures these numbers are for.")

    def matrix(self) -> Intrinsics:
        """As a matrix."""
        return Intrinsics(intrinsics(self.fx, self.fy, self.cx, self.cy), (self.height, self.width))


class Declaration(BaseModel):
    """What `scene.yaml` says; paths are relative to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    color: Path = Field(description="Folder of colour pictures.")
    depth: Path | None = Field(None, description="Folder of depth maps; none if left out.")
    depth_scale: float | None = Field(
        None, gt=0, description="Stored depth units in a metre, 1000 for millimetres."
    )
    no_depth: tuple[int, ...] = Field((), description="Stored depths that mean none, besides 0.")
    intrinsics: CameraNumbers = Field(description="Of the colour pictures.")
    depth_intrinsics: CameraNumbers | None = Field(None, description="If not those of colour.")
    poses: Path = Field(description="Folder of 4x4 matrices, or a file of all of them.")
    direction: Literal["camera-to-world", "world-to-camera"] = Field(
        "camera-to-world", description="What a pose takes to what."
    )
    axes: Literal["opencv", "opengl"] = Field(
        "opencv", description="opencv: y down, z forward; opengl: y up, z backward."
    )
    cloud: Path | None = Field(None, description="PLY file of the points or mesh.")


def matches(folder: Path) -> bool:
    """Whether a folder looks like this layout."""
    return any((folder / name).is_file() for name in FILES)


def read(folder: Path) -> Scene:
    """Reads the scene that a folder's `scene.yaml` declares."""
    return read_declared(next(folder / name for name in FILES if (folder / name).is_file()))


def read_declared(file: Path) -> Scene:
    """Reads the scene that a YAML or JSON file declares.

    Args:
        file: The declaration; the scene is called after its folder.

    Raises:
        InputError: If the declaration is wrong or what it names is not there.
    """
    root, said = file.parent, _declaration(file)
    if said.depth and said.depth_scale is None:
        fix = "add 'depth_scale: 1000' for millimetres, 'depth_scale: 1' for metres"
        raise InputError("depth has no unit", where=str(file), fix=fix)
    color = files_by_stem(root / said.color)
    if not color:
        fix = "name the folder of the pictures after 'color:'"
        raise InputError("has no pictures", where=str(root / said.color), fix=fix)
    depth = _by_number(files_by_stem(root / said.depth, DEPTH_EXTENSIONS)) if said.depth else {}
    poses, faults = _poses(root / said.poses, list(color))
    turn = OPENGL if said.axes == "opengl" else np.eye(4)
    depth_k = said.depth_intrinsics.matrix() if said.depth_intrinsics else None
    shots = []
    for (name, picture), key in zip(color.items(), _by_number(color), strict=True):
        pose, fault = poses.get(name), faults.get(name)
        if pose is not None:
            pose = (_inverse(pose) if said.direction == "world-to-camera" else pose) @ turn
        other = depth.get(key, root / said.depth / f"{name}.png") if said.depth else None
        k = said.intrinsics.matrix()
        shots.append(Shot(name, picture, other, pose, k, depth_k, fault))
    cloud = root / said.cloud if said.cloud else find_cloud(root, "cloud.ply", "mesh.ply")
    unit = DepthUnit(said.depth_scale or 1, said.no_depth)
    lost: list[Fault] = gaps(list(color))
    return scene_of(file.resolve().parent.name, NAME, shots, unit, cloud, lost)


def _declaration(file: Path) -> Declaration:
    try:
        return Declaration.model_validate(read_yaml(read_text(file)))
    except yaml.YAMLError as error:
        what = f"is not YAML: {' '.join(str(error).split())}"
        raise InputError(what, where=str(file), fix="check its indentation") from None
    except ValidationError as error:
        # A misspelt key is also a missing one: the key that is there says more.
        first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
        key = ".".join(map(str, first["loc"])) or "the file"
        known = ", ".join(Declaration.model_fields)
        what = f"{key}: {first['msg'].lower()}"
        raise InputError(what, where=str(file), fix=f"its keys are {known}") from None


def _by_number(files: Mapping[str, Path]) -> dict[str, Path]:
    """Files by the last number in their names, so that `color_7` meets `depth_7`."""
    numbers = [re.findall(r"\d+", stem) for stem in files]
    keys = [found[-1].lstrip("0") or "0" if found else "" for found in numbers]
    unique = len(set(keys)) == len(keys)
    return dict(zip(keys if unique else files, files.values(), strict=True))


def _poses(path: Path, names: list[str]) -> tuple[dict[str, Matrix], dict[str, InputError]]:
    """Poses by the names of the pictures, and why others cannot be read."""
    if path.is_dir():
        poses: dict[str, Matrix] = {}
        faults: dict[str, InputError] = {}
        numbered = _by_number(files_by_stem(path, (".txt",)))
        for name, key in zip(names, _by_number(dict.fromkeys(names, path)), strict=True):
            pose, fault = pose_of(numbered.get(key, path / f"{name}.txt"))
            if pose is not None:
                poses[name] = pose
            if fault is not None:
                faults[name] = fault
        return poses, faults
    matrices = _log(path) if path.suffix == ".log" else read_rows(path, columns=16)
    return dict(zip(names, matrices.reshape(-1, 4, 4), strict=False)), {}


def _log(path: Path) -> Matrix:
    """Open3D's trajectory: a line of three numbers before the four of each pose."""
    lines = [line for line in read_text(path).splitlines() if line.strip()]
    numbers = [word for place, line in enumerate(lines) if place % 5 for word in line.split()]
    if len(lines) % 5 or len(numbers) != len(lines) // 5 * 16:
        fix = "each pose has five lines: is the file cut off?"
        raise InputError("is not a trajectory", where=str(path), fix=fix)
    try:
        return np.array(numbers, dtype=np.float64)
    except ValueError as error:
        raise InputError(f"is not a trajectory: {error}", where=str(path), fix="") from None


def _inverse(pose: Matrix) -> Matrix:
    inverse = np.eye(4)
    inverse[:3, :3] = pose[:3, :3].T
    inverse[:3, 3] = -pose[:3, :3].T @ pose[:3, 3]
    return inverse
