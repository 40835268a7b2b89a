"""Run folders of scenes, read back: records, their clouds, the object of each point."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.api.run_folder import SceneRunFolder
from openseg.api.scenes.clear import clear_rows, owners
from openseg.api.scenes.records import CLOUDS, SceneRecord
from openseg.io.scenes.ply import read_cloud
from openseg.types import PointCloud
from openseg.types.errors import InputError

NOTHING = -1


def scene_records(folder: str | Path) -> Iterator[SceneRecord]:
    """The records of a run folder, in order; of a run that goes on, those it has so far.

    Raises:
        InputError: If there is no run on scenes, or it was written by a newer openseg.
    """
    return SceneRunFolder.read(Path(folder))


def cloud_path(folder: str | Path, record: SceneRecord) -> Path:
    """Where the cloud of a record lies, if it has one.

    Args:
        folder: The run folder.
        record: One of its records.
    """
    made = Path(folder) / record.cloud
    own = record.cloud == f"{CLOUDS}/{record.id}.ply"
    return made if own else Path(record.cloud)


def read_record_cloud(folder: str | Path, record: SceneRecord) -> PointCloud:
    """Reads the cloud that a record's objects are points of.

    Args:
        folder: The run folder.
        record: One of its records.

    Raises:
        InputError: If it has none, the file is gone, or has changed since the run.
    """
    if not record.cloud:
        raise InputError("has no point cloud", where=record.scene)
    path = cloud_path(folder, record)
    cloud = read_cloud(path)
    if len(cloud) != record.points:
        raise InputError(
            f"has {len(cloud)} points, had {record.points} in the run",
            where=str(path),
            fix="the file has changed: run the method again",
        )
    return cloud


def clear_objects(record: SceneRecord) -> list[int]:
    """The objects of a record that are shown, rows of its instances: see `clear_rows`."""
    found = record.instances
    return clear_rows(
        [one.score for one in found],
        [one.class_id for one in found],
        lambda row: found[row].points(record.points),
        record.points,
    )


def rows_of_points(record: SceneRecord) -> NDArray[np.int64]:
    """The object of each point: int64 `[points]`, a row of `record.instances`, -1 for none.

    Objects that are not clear have no points. Of objects that share a point the smaller one has it,
    so that none is hidden.
    """
    shown = clear_objects(record)
    owner = owners([record.instances[row].points(record.points) for row in shown], record.points)
    return np.array([*shown, NOTHING], dtype=np.int64)[owner]
