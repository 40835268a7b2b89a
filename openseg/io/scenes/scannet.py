"""ScanNet: what its own exporter writes of a `.sens` file, beside the scene's meshes.

`color/0.jpg`, `depth/0.png` in millimetres, `pose/0.txt` camera to world (minus infinity where
tracking was lost), `intrinsic/intrinsic_color.txt`; `<scene>_vh_clean_2.ply` is the cloud whose
vertices are labelled. Own folders in this shape are read as well.
"""

from __future__ import annotations

from pathlib import Path

from openseg.io.scenes.listing import DEPTH_EXTENSIONS, files_by_stem, find_cloud, gaps, pose_of
from openseg.io.scenes.numbers import Matrix, read_matrix, read_text
from openseg.io.scenes.scene import DepthUnit, Intrinsics, Scene, Shot, Size, scene_of
from openseg.types.errors import InputError
from openseg.types.scenes.frame_files import picture_size

NAME = "scannet"
MESH = "{scene}_vh_clean_2.ply"

DEPTH = DepthUnit(1000, (65535,))
"""ScanNet's depth shift; 65535 is what some exporters write where nothing was measured."""

SENSOR: Size = (968, 1296)
"""Size of ScanNet's colour pictures, which its intrinsics belong to."""

_FOLDERS = ("", "data", "data_compressed", "frames")


def matches(folder: Path) -> bool:
    """Whether a folder looks like this layout."""
    frames = any((folder / one / "pose").is_dir() for one in _FOLDERS)
    return frames or any(folder.glob(MESH.format(scene="*")))


def read(folder: Path) -> Scene:
    """Reads a scene.

    Args:
        folder: The scene's folder; its frames lie in it, or in `data`, `data_compressed`, `frames`.

    Raises:
        InputError: If the frames were not exported, or the intrinsics are missing.
    """
    root = next((folder / one for one in _FOLDERS if (folder / one / "pose").is_dir()), None)
    if root is None:
        fix = "export color, depth, pose and intrinsic from its .sens with ScanNet's SensReader"
        raise InputError("has no frames, only meshes", where=str(folder), fix=fix)
    color = files_by_stem(root / "color")
    depth = files_by_stem(root / "depth", DEPTH_EXTENSIONS)
    poses = files_by_stem(root / "pose", (".txt",))
    if not color:
        raise InputError("has no pictures", where=str(root / "color"), fix="export them again")
    color_k, depth_k = _intrinsics(folder, root, next(iter(color.values())))
    shots = []
    for name, picture in color.items():
        pose, fault = pose_of(poses.get(name, root / "pose" / f"{name}.txt"))
        other = depth.get(name, root / "depth" / f"{name}.png") if depth else None
        shots.append(Shot(name, picture, other, pose, color_k, depth_k, fault))
    scene = folder.resolve().name
    cloud = find_cloud(folder, MESH.format(scene=scene), "cloud.ply", "mesh.ply")
    return scene_of(scene, NAME, shots, DEPTH, cloud, gaps(list(color)))


def _intrinsics(folder: Path, root: Path, picture: Path) -> tuple[Intrinsics, Intrinsics | None]:
    """Those of colour, and those of depth where the sensor's own are given."""
    places = [root / "intrinsic", root, folder / "intrinsic", folder]
    files = ("intrinsic_color.txt", "intrinsics.txt", "intrinsic.txt")
    there = [place / name for place in places for name in files if (place / name).is_file()]
    if not there:
        fix = "write a 3x3 or 4x4 matrix into intrinsic/intrinsic_color.txt"
        raise InputError("has no intrinsics", where=str(root), fix=fix)
    k = read_matrix(there[0], 3)
    color = Intrinsics(k, _size_of(k, folder, picture))
    depth_file = there[0].with_name("intrinsic_depth.txt")
    return color, Intrinsics(read_matrix(depth_file, 3)) if depth_file.is_file() else None


def _size_of(k: Matrix, folder: Path, picture: Path) -> Size | None:
    """The picture size that intrinsics are for, None for the picture's own.

    Pictures are often made smaller after export, the intrinsics file stays. The scene's own
    description says what they were; without one, the principal point lies near the middle of either
    the picture or ScanNet's sensor.
    """
    description = folder / f"{folder.resolve().name}.txt"
    if description.is_file():
        lines = (line.split(" = ") for line in read_text(description).splitlines())
        values = {one[0]: one[1] for one in lines if len(one) == 2}
        sides = [values.get(name, "").strip() for name in ("colorHeight", "colorWidth")]
        if all(side.isdecimal() and 0 < len(side) < 6 for side in sides):
            return int(sides[0]), int(sides[1])
    width = picture_size(str(picture))[1]
    middle = 2 * float(k[0, 2])
    return SENSOR if abs(middle - SENSOR[1]) < abs(middle - width) else None
