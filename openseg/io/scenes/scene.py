"""From what a layout says about each frame to the frames that can be used and those that cannot.

Every layout ends here, so that a mirrored pose or a missing file is found in the same way and
named in the same words wherever it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from openseg.io.scenes.numbers import Matrix
from openseg.types import Frames, PointCloud
from openseg.types.camera import scale_k
from openseg.types.errors import InputError
from openseg.types.scenes.frame_files import picture_size

Size = tuple[int, int]

NOT_ORTHONORMAL = 0.01
"""How far the axes of a pose may be from unit length and right angles; files round to 4 digits."""

ASPECT = 0.02
"""How much the aspect ratios of colour and depth may differ if they share intrinsics; ScanNet's
1296x968 and 640x480 differ by 0.004."""


@dataclass(frozen=True)
class Fault:
    """Why a frame, or a part of it, cannot be used.

    Attributes:
        frame: The frame's name; empty if the whole scene is meant.
        what: What is wrong; the same words for the same fault of several frames.
        fix: What can be done.
    """

    frame: str
    what: str
    fix: str


class Intrinsics(NamedTuple):
    """A 3x3 matrix and the height and width it is for; None for those of each picture."""

    k: Matrix
    size: Size | None = None


@dataclass(frozen=True)
class Shot:
    """What a layout says about a frame, unchecked.

    Attributes:
        name: The frame's name.
        color: The colour picture, which may be missing.
        depth: The depth map, which may be missing; None if the layout names none.
        pose: float64 `[4, 4]` camera to world, OpenCV axes; None if there is none.
        color_k: Intrinsics of the colour picture.
        depth_k: Those of the depth map; None if both show the same view.
        fault: Why the frame cannot be used, if the layout's files already say so.
    """

    name: str
    color: Path
    depth: Path | None
    pose: Matrix | None
    color_k: Intrinsics
    depth_k: Intrinsics | None = None
    fault: InputError | None = None


@dataclass(frozen=True)
class DepthUnit:
    """How depth maps are stored.

    Attributes:
        scale: Stored units in a metre.
        invalid: Stored values that mean no depth, besides 0.
    """

    scale: float
    invalid: tuple[int, ...] = ()


@dataclass(frozen=True)
class Scene:
    """A scene on disk.

    Attributes:
        name: Name of the scene.
        layout: Name of the layout it was read as.
        frames: The frames that can be used.
        cloud_path: A PLY file of its points or mesh; None if the folder has none.
        faults: What cannot be used, in order of the frames.
    """

    name: str
    layout: str
    frames: Frames
    cloud_path: Path | None
    faults: tuple[Fault, ...] = ()

    def cloud(self) -> PointCloud:
        """Reads the points.

        Raises:
            InputError: If the scene has none, or the file is broken or empty.
        """
        from openseg.io.scenes.ply import read_cloud

        if self.cloud_path is None:
            fix = "put its .ply into the folder, or use a method that fuses the frames"
            raise InputError("has no point cloud", where=self.name, fix=fix)
        return read_cloud(self.cloud_path)

    def need_frames(self) -> Frames:
        """The frames.

        Raises:
            InputError: If none can be used; it says what is wrong with the first.
        """
        if not len(self.frames):
            fault = self.faults[0] if self.faults else Fault("", "has no frames", "")
            where = f"{self.name}, frame {fault.frame}" if fault.frame else self.name
            raise InputError(f"no frame can be used: {fault.what}", where=where, fix=fault.fix)
        return self.frames


def scene_of(
    name: str,
    layout: str,
    shots: Sequence[Shot],
    depth: DepthUnit,
    cloud: Path | None,
    faults: Iterable[Fault] = (),
) -> Scene:
    """Checks every frame and keeps the good ones.

    Args:
        name: Name of the scene.
        layout: Name of the layout.
        shots: Its frames, in order.
        depth: How its depth maps are stored.
        cloud: Its PLY file, if there is one.
        faults: What the layout found itself.
    """
    import torch

    found = list(faults)
    kept = [frame for shot in shots if (frame := _check(shot, found)) is not None]

    def column(matrices: list[Matrix], size: int) -> torch.Tensor:
        stacked = np.array(matrices, dtype=np.float32).reshape(-1, size, size)
        return torch.from_numpy(stacked)

    frames = Frames(
        names=tuple(one.shot.name for one in kept),
        poses=column([one.pose for one in kept], 4),
        color=tuple(str(one.shot.color.absolute()) for one in kept),
        color_k=column([one.color_k for one in kept], 3),
        color_size=tuple(one.color_size for one in kept),
        depth=tuple(str(one.depth.absolute()) if one.depth else None for one in kept),
        depth_k=column([one.depth_k for one in kept], 3),
        depth_size=tuple(one.depth_size for one in kept),
        depth_scale=depth.scale,
        no_depth=depth.invalid,
    )
    return Scene(name, layout, frames, cloud, tuple(found))


class _Kept(NamedTuple):
    shot: Shot
    pose: Matrix
    depth: Path | None
    color_k: Matrix
    color_size: Size
    depth_k: Matrix
    depth_size: Size


def _check(shot: Shot, faults: list[Fault]) -> _Kept | None:
    """The frame with its sizes if it can be used; faults are added."""
    try:
        if shot.fault is not None:
            raise shot.fault
        pose = _checked_pose(shot.pose)
        color_size = _color_size(shot.color)
        color_k = _fitted(shot.color_k, color_size)
        depth, depth_size = _find_depth(shot, faults)
        depth_k = _depth_k(shot, color_k, color_size, depth_size or color_size)
    except InputError as error:
        faults.append(Fault(shot.name, error.what, error.fix))
        return None
    return _Kept(shot, pose, depth, color_k, color_size, depth_k, depth_size or color_size)


def _color_size(path: Path) -> Size:
    try:
        return picture_size(str(path))
    except InputError as error:
        raise InputError(f"the picture {path.name}: {error.what}", fix=error.fix) from error


def _find_depth(shot: Shot, faults: list[Fault]) -> tuple[Path | None, Size | None]:
    """The depth map and its size; a frame without one can still be looked at."""
    if shot.depth is None:
        faults.append(Fault(shot.name, "has no depth", "it is used for colour only"))
        return None, None
    try:
        return shot.depth, picture_size(str(shot.depth))
    except InputError as error:
        what = f"the depth map {shot.depth.name}: {error.what}"
        faults.append(Fault(shot.name, what, f"{error.fix}; until then it has colour only"))
        return None, None


def _depth_k(shot: Shot, color_k: Matrix, color: Size, depth: Size) -> Matrix:
    if shot.depth_k is not None:
        return _fitted(shot.depth_k, depth)
    if abs((color[1] / color[0]) / (depth[1] / depth[0]) - 1) > ASPECT:
        (height, width), (rows, columns) = color, depth
        what = f"colour is {width}x{height}, depth {columns}x{rows}: not the same view"
        raise InputError(what, fix="give the depth camera's own intrinsics")
    return _scaled(color_k, color, depth)


def _checked_pose(pose: Matrix | None) -> Matrix:
    if pose is None:
        raise InputError("has no pose", fix="it is left out")
    if not np.isfinite(pose).all():
        raise InputError("the pose is not finite", fix="tracking was lost there; it is left out")
    if not np.allclose(pose[3], [0, 0, 0, 1], atol=1e-6):
        fix = "write camera-to-world matrices row by row; this one may be transposed"
        raise InputError("the last row of the pose is not 0 0 0 1", fix=fix)
    rotation = pose[:3, :3]
    if np.abs(rotation.T @ rotation - np.eye(3)).max() > NOT_ORTHONORMAL:
        fix = "write poses as rotation and translation, without scale"
        raise InputError("the axes of the pose are not unit length at right angles", fix=fix)
    if np.linalg.det(rotation) < 0:
        fix = "negate one axis: a camera has right-handed axes, x right, y down, z forward"
        raise InputError("the pose is mirrored (its determinant is -1)", fix=fix)
    return pose


def _fitted(given: Intrinsics, size: Size) -> Matrix:
    """The matrix for a picture of that size."""
    k = _scaled(given.k, given.size, size) if given.size else given.k
    height, width = size
    if not (np.isfinite(k).all() and k[0, 0] > 0 and k[1, 1] > 0):
        raise InputError("the focal length is not positive", fix="write fx and fy in pixels")
    if not (0 < k[0, 2] < width and 0 < k[1, 2] < height):
        what = f"the principal point {k[0, 2]:.0f}, {k[1, 2]:.0f} lies outside {width}x{height}"
        raise InputError(what, fix="give the image size that the intrinsics are for")
    return k


def _scaled(k: Matrix, size: Size, to: Size) -> Matrix:
    import torch

    scaled: Matrix = scale_k(torch.from_numpy(k), size, to).numpy()
    return scaled
