"""Which layout a folder has; the first that matches is read."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from yaml import YAMLError

from openseg.io.scenes.scene import Scene
from openseg.types.errors import InputError
from openseg.types.plain_yaml import read_yaml

LAYOUTS = {
    "posed_rgbd": "a scene.yaml that declares color, depth, poses and intrinsics",
    "nerfstudio": "transforms.json",
    "replica": "traj.txt and results/",
    "tum": "rgb.txt, depth.txt and groundtruth.txt",
    "seven_scenes": "frame-000000.color.png, .depth.png and .pose.txt",
    "arkit": "lowres_wide.traj, lowres_wide/ and lowres_depth/",
    "scannet": "color/, depth/, pose/ and intrinsic/",
}
"""Modules of this package in the order they are asked, with what each looks for. What a user
declares comes first, the loosest layout last."""


class Layout(Protocol):
    """A module that reads one layout."""

    def matches(self, folder: Path) -> bool:
        """Whether a folder looks like this layout."""

    def read(self, folder: Path) -> Scene:
        """Reads a scene."""


def read_scene(path: str | Path) -> Scene:
    """Reads a scene of any layout.

    Args:
        path: The scene's folder, or a file that describes it (`scene.yaml`, `transforms.json`).

    Returns:
        The scene; what cannot be used is left out and listed in its faults.

    Raises:
        InputError: If there is no such folder, its layout is not known, or what all frames need
            (intrinsics, a trajectory) is missing or broken.
    """
    path = Path(path)
    if path.is_file() and path.suffix in {".yaml", ".yml", ".json"}:
        if path.name == "transforms.json":
            return _module("nerfstudio").read(path.parent)
        from openseg.io.scenes.posed_rgbd import read_declared

        return read_declared(path)
    if not path.is_dir():
        raise InputError("no such folder", where=str(path), fix="give the folder of a scene")
    name = layout_of(path)
    if name is not None:
        return _module(name).read(path)
    there = ", ".join(sorted(one.name for one in path.iterdir())[:8]) or "nothing"
    raise InputError(
        f"is not a posed RGB-D scene of a known layout; it holds {there}",
        where=str(path),
        fix=f"it needs one of: {'; '.join(LAYOUTS.values())}",
    )


def describes_scene(file: Path) -> bool:
    """Whether a file is the description of a scene, not a method: by its name or by its keys."""
    from openseg.io.scenes.posed_rgbd import FILES, Declaration

    if not file.is_file() or file.suffix not in {".yaml", ".yml", ".json"}:
        return False
    if file.suffix == ".json" or file.name in FILES:
        return True
    try:
        content = read_yaml(file.read_text("utf-8"))
    except (OSError, ValueError, YAMLError):
        return False
    return isinstance(content, dict) and {"color", "poses"} <= {*content} & {
        *Declaration.model_fields
    }


def layout_of(folder: Path) -> str | None:
    """The first of `LAYOUTS` that a folder looks like; None if it looks like none."""
    return next((name for name in LAYOUTS if _module(name).matches(folder)), None)


def _module(name: str) -> Layout:
    return cast("Layout", import_module(f"openseg.io.scenes.{name}"))
