"""Run folders of scenes, read as the Scene page needs them; what a browser may see of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openseg.api.run_folder import SCENES, SUMMARY
from openseg.api.scenes.reading import cloud_path, read_record_cloud, scene_records
from openseg.types.errors import InputError, OpensegError
from openseg_ui.server.folders import folders_with, inside

if TYPE_CHECKING:
    from openseg.api.scenes.records import SceneRecord
    from openseg.types import Frames, PointCloud

MOST_READ = 100_000_000
"""Points of the largest cloud that is read; it takes some 30 bytes a point for a moment."""


@dataclass(frozen=True)
class SceneRun:
    """What a run folder of scenes holds.

    Attributes:
        folder: Where it lies.
        summary: What `run.json` says.
        records: What was found, scene by scene.
    """

    folder: Path
    summary: Mapping[str, Any]
    records: Sequence[SceneRecord]

    @property
    def method(self) -> str:
        """The method's name."""
        return str(self.summary["identity"]["method"]["name"])


def scene_folders(roots: Sequence[Path]) -> list[Path]:
    """Run folders of scenes below the roots, newest first."""
    return folders_with(SCENES, roots)


def read_scene_run(folder: Path) -> SceneRun:
    """Reads a run folder; one that is being written is read as far as it has come.

    Raises:
        InputError: If it is gone, damaged, of a newer openseg, or of images.
    """
    try:
        records = list(scene_records(folder))
        run = SceneRun(folder, json.loads((folder / SUMMARY).read_text("utf-8")), records)
        run.method  # noqa: B018 (damaged if there is none)
    except (OSError, ValueError, KeyError, TypeError) as error:
        what = f"the run cannot be read ({type(error).__name__})"
        raise InputError(what, where=str(folder), fix="make it again with `openseg run`") from error
    return run


def frames_of(record: SceneRecord, roots: Sequence[Path]) -> Frames:
    """The frames of a record's scene.

    Args:
        record: The record.
        roots: The folders that may be read.

    Raises:
        OpensegError: If the scene is gone, lies elsewhere, or cannot be read.
    """
    from openseg.io.scenes.layout import read_scene

    return read_scene(inside(record.scene, roots)).frames


def cloud_of(run: SceneRun, record: SceneRecord, roots: Sequence[Path]) -> tuple[PointCloud, str]:
    """The cloud that a record's objects are points of.

    If the scene's own is out of reach, the coloured copy that the run left is taken.

    Args:
        run: The run.
        record: One of its records.
        roots: The folders that may be read.

    Returns:
        The cloud, and what a user should know of it; empty if nothing.

    Raises:
        OpensegError: If there is none, it has changed, or it is too large.
    """
    from openseg.io.scenes.ply import read_cloud

    if record.points > MOST_READ:
        what = f"{record.points:,} points are more than the {MOST_READ:,} that are read here"
        raise InputError(what, where=record.scene, fix="thin the cloud out and run again")
    if not record.cloud:
        raise InputError("has no point cloud", where=record.scene)
    try:
        path = inside(str(cloud_path(run.folder, record)), [*roots, run.folder])
        return read_record_cloud(run.folder, replace(record, cloud=str(path))), ""
    except OpensegError:
        copies = run.folder / "ply"
        try:
            cloud = read_cloud(inside(f"{record.id}.ply", [copies]))
        except OpensegError:
            cloud = None
        if cloud is None or len(cloud) != record.points:
            raise
    note = "The scene's own cloud is out of reach; this is the coloured copy that the run left."
    return cloud, note
