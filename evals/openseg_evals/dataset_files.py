"""Finds a data set's files under its folder; a missing one is answered with the way to get it.

A checksum that the publisher gives is compared once for each state of the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from openseg.types.errors import InputError
from openseg_evals.samples import DataFile


def find_file(folder: Path, *places: DataFile) -> Path:
    """Where a file or folder that a data set needs lies.

    Args:
        folder: The data set's folder.
        places: The places in which users keep it, the published one first.

    Returns:
        The first of them that exists.

    Raises:
        InputError: If there is none, or the content differs from the publisher's checksum.
    """
    for place in places:
        path = folder / place.path
        if path.exists():
            if place.md5 and path.is_file():
                _check(path, place)
            return path
    others = "".join(f" or {place.path}" for place in places[1:])
    raise InputError(
        f"there is no {places[0].path}{others}", where=str(folder), fix=f"get {places[0].source}"
    )


def find_pictures(folders: Sequence[Path], names: Iterable[str], source: str) -> dict[str, Path]:
    """Where the pictures of a split lie.

    Args:
        folders: Folders that hold them, one or more.
        names: File names, with or without repetitions.
        source: How to get them.

    Returns:
        The path of each name, in the first of the folders that has it.

    Raises:
        InputError: If some lie in none of the folders.
    """
    wanted = dict.fromkeys(names)
    found = {
        name: path
        for name in wanted
        for path in [next((f / name for f in folders if (f / name).is_file()), None)]
        if path
    }
    missing = [name for name in wanted if name not in found]
    if missing:
        some = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        raise InputError(
            f"{len(missing)} of {len(wanted)} pictures are missing: {some}",
            where=str(folders[0]),
            fix=f"get {source}",
        )
    return found


def _check(path: Path, place: DataFile) -> None:
    state = path.stat()
    found = _md5(path, state.st_size, state.st_mtime_ns)
    if found != place.md5:
        raise InputError(
            f"has the md5 {found}, its publisher gives {place.md5}",
            where=str(path),
            fix=f"it is damaged or of another release; get {place.source}",
        )


@lru_cache(maxsize=64)
def _md5(path: Path, _size: int, _changed: int) -> str:
    """The checksum of a file; size and time of change make the cached value its content's."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    return digest.hexdigest()
