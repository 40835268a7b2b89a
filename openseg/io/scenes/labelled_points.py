"""Labelled points of a scene, as people click them: a table of places and what lies there.

A CSV file with the columns `object`, `phrase`, `x`, `y`, `z`: rows of one object share its number
or name; places are metres in the cloud's coordinates and stand for the nearest point of the cloud.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openseg.io.scenes.numbers import read_text
from openseg.types import Instances3D, Phrase, Phrases, PointCloud
from openseg.types.errors import InputError

COLUMNS = ("object", "phrase", "x", "y", "z")
FARTHEST = 0.1
"""Metres from a place to the nearest point of the cloud."""


def read_labelled_points(path: Path, cloud: PointCloud) -> Instances3D:
    """Reads labelled points.

    Args:
        path: The CSV file.
        cloud: The scene's cloud.

    Returns:
        An object a row of `object` values, in order of first appearance, with score 1; its points
        are those of the cloud nearest to the places. Classes count distinct phrases, in order of
        first appearance.

    Raises:
        InputError: If the file is missing or broken, or a place lies far from the cloud.
    """
    import torch
    from scipy.spatial import cKDTree

    rows = _read(path)
    objects = list(dict.fromkeys(row["object"] for row in rows))
    words = {row["object"]: row["phrase"] for row in reversed(rows)}
    classes = {text: place for place, text in enumerate(dict.fromkeys(words[o] for o in objects))}
    away, nearest = cKDTree(cloud.positions.numpy(force=True)).query(_places(rows, path))
    if float(away.max()) > FARTHEST:
        what = f"its place lies {float(away.max()):.2f} m from the cloud"
        fix = "give x, y, z in metres in the coordinates of the cloud"
        raise InputError(what, where=f"{path}:{int(away.argmax()) + 2}", fix=fix)
    points = [
        np.unique([near for near, row in zip(nearest, rows, strict=True) if row["object"] == one])
        for one in objects
    ]
    return Instances3D(
        torch.from_numpy(np.concatenate(points).astype(np.int64)),
        torch.tensor([len(some) for some in points], dtype=torch.int64).cumsum(0),
        torch.ones(len(objects)),
        len(cloud),
        Phrases(tuple(Phrase(words[o], classes[words[o]], (0, len(words[o]))) for o in objects)),
    )


def _read(path: Path) -> list[dict[str, str]]:
    lines = csv.DictReader(read_text(path).splitlines(), skipinitialspace=True)
    rows = list(lines)
    missing = [name for name in COLUMNS if name not in (lines.fieldnames or ())]
    if missing or not rows:
        what = f"has no column {missing[0]}" if missing else "holds no points"
        fix = f"its first line is {','.join(COLUMNS)}"
        raise InputError(what, where=str(path), fix=fix)
    return rows


def _places(rows: list[dict[str, str]], path: Path) -> NDArray[np.float64]:
    places = np.empty((len(rows), 3))
    for number, row in enumerate(rows):
        try:
            places[number] = [float(row[axis]) for axis in "xyz"]
        except (TypeError, ValueError):
            what = f"{[row[axis] for axis in 'xyz']} is no place"
            fix = "write x, y and z in metres"
            raise InputError(what, where=f"{path}:{number + 2}", fix=fix) from None
        if not np.isfinite(places[number]).all():
            raise InputError("the place is not finite", where=f"{path}:{number + 2}", fix="")
    return places
