"""Objects that a method is told beside the scene: labelled points, or what a 3D network found.

They are read from a file by its format. A method's input `labels` is looked for as `labels.csv`,
`proposals` as `proposals.txt`, ... in the scene's folder, where no other place is named.
"""

from __future__ import annotations

from pathlib import Path

from openseg.io.scene_proposals import read_proposals
from openseg.io.scenes.labelled_points import read_labelled_points
from openseg.types import Instances3D, PointCloud
from openseg.types.errors import InputError

POINTS, PROPOSALS = ".csv", (".txt", ".npz", ".pt")


def find_objects(name: str, scene: str, folder: Path, given: Path | None) -> Path:
    """The file of the objects that a method is told of a scene.

    Args:
        name: The method's input.
        scene: Name of the scene.
        folder: The scene's folder.
        given: What the user named: the file, or a folder of files named after scenes; None for the
            scene's own.

    Raises:
        InputError: If there is none.
    """
    if given is not None and not given.is_dir():
        return given
    stem = folder / name if given is None else given / scene
    for ending in (POINTS, *PROPOSALS):
        if (path := stem.with_name(stem.name + ending)).is_file():
            return path
    fix = "put it there, or name it (--objects): labelled points as .csv, proposals as .txt or .npz"
    raise InputError(
        f"the method is told '{name}', which are not there", where=f"{stem}.*", fix=fix
    )


def read_objects(path: Path, cloud: PointCloud) -> Instances3D:
    """Reads objects of either kind.

    Args:
        path: The file.
        cloud: The scene's cloud.

    Raises:
        InputError: If the file is missing, broken, or of another cloud.
    """
    if path.suffix == POINTS:
        return read_labelled_points(path, cloud)
    return read_proposals(path, len(cloud))
