"""Replica as rendered for NICE-SLAM, which the open-vocabulary papers use.

`results/frame000000.jpg`, `results/depth000000.png`, `traj.txt` with a camera-to-world matrix a
line, `cam_params.json` and `<scene>_mesh.ply` in the scene's folder or beside it.
"""

from __future__ import annotations

from pathlib import Path

from openseg.io.scenes.listing import find_cloud
from openseg.io.scenes.numbers import intrinsics, read_json, read_rows
from openseg.io.scenes.scene import DepthUnit, Fault, Intrinsics, Scene, Shot, scene_of
from openseg.types.errors import InputError

NAME = "replica"
_CAMERA = ("w", "h", "fx", "fy", "cx", "cy", "scale")
_LARGEST = 1e6


def matches(folder: Path) -> bool:
    """Whether a folder looks like this layout."""
    return (folder / "traj.txt").is_file() and (folder / "results").is_dir()


def read(folder: Path) -> Scene:
    """Reads a scene.

    Raises:
        InputError: If the trajectory or the camera's parameters are missing or broken.
    """
    poses = read_rows(folder / "traj.txt", columns=16).reshape(-1, 4, 4)
    camera, depth = _camera(folder)
    results = folder / "results"
    colors = _numbered(results, "frame", (".jpg", ".png"))
    depths = _numbered(results, "depth", (".png",))
    if not colors:
        fix = "they are called frame000000.jpg, frame000001.jpg, ..."
        raise InputError("has no pictures", where=str(results), fix=fix)
    shots = [
        Shot(
            f"{row:06d}",
            colors.get(row, results / f"frame{row:06d}.jpg"),
            depths.get(row, results / f"depth{row:06d}.png"),
            pose,
            camera,
        )
        for row, pose in enumerate(poses)
    ]
    without = sorted(set(colors) - set(range(len(poses))))
    faults = [
        Fault(f"{row:06d}", "has no pose", "traj.txt has a line a frame: is it cut off?")
        for row in without
    ]
    scene = folder.resolve().name
    names = (f"{scene}_mesh.ply", "mesh.ply", "cloud.ply")
    cloud = find_cloud(folder, *names)
    beside = folder.resolve().parent / names[0]
    return scene_of(
        scene, NAME, shots, depth, cloud or (beside if beside.is_file() else None), faults
    )


def _camera(folder: Path) -> tuple[Intrinsics, DepthUnit]:
    beside = folder.resolve().parent / "cam_params.json"
    path = folder / "cam_params.json"
    path = path if path.is_file() else beside
    given = read_json(path)
    camera = given.get("camera", given) if isinstance(given, dict) else {}
    missing = [key for key in _CAMERA if not _is_size(camera.get(key))]
    if missing:
        fix = f"a camera has the numbers {', '.join(_CAMERA)}"
        raise InputError(f"has no {', '.join(missing)}", where=str(path), fix=fix)
    k = intrinsics(camera["fx"], camera["fy"], camera["cx"], camera["cy"])
    return Intrinsics(k, (int(camera["h"]), int(camera["w"]))), DepthUnit(float(camera["scale"]))


def _is_size(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value < _LARGEST


def _numbered(folder: Path, prefix: str, endings: tuple[str, ...]) -> dict[int, Path]:
    found = (path for ending in endings for path in folder.glob(f"{prefix}*{ending}"))
    numbers = {path: path.stem.removeprefix(prefix) for path in found}
    return {int(number): path for path, number in numbers.items() if number.isdigit()}
