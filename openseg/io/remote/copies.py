"""Brings files from URLs here: one when it is first read, a folder as a whole.

A copy is used again as long as the file it is of has the same size and is not younger.
"""

from __future__ import annotations

import glob
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from openseg.io.remote.places import copy_of, url_of
from openseg.types.errors import InputError, OpensegError

_CHANGED = ("mtime", "LastModified", "last_modified", "updated", "created")
"""What file systems call the time of a file's last change."""


def reach(url: str) -> tuple[Any, str]:
    """The file system of a URL, and what the place is called there.

    Raises:
        InputError: If fsspec does not know the scheme, or lacks the package for it.
    """
    from fsspec.core import url_to_fs

    with told(url, "cannot be reached"):
        system, path = url_to_fs(url)
    return system, str(path)


def find(url: str, wanted: Callable[[PurePosixPath], bool]) -> list[Path]:
    """Finds files without fetching them; `fetched` does when they are read.

    Args:
        url: A file, a folder (those inside it), or a pattern with `*`, `?`, `[...]` or `**`.
        wanted: Which files of folders and patterns are taken.

    Returns:
        Where their copies lie or will lie, sorted.

    Raises:
        InputError: If it cannot be reached or nothing is there.
    """
    system, path = reach(url)
    with told(url):
        if glob.has_magic(path):
            found = system.glob(path, detail=True)
        elif system.isdir(path):
            found = {one["name"]: one for one in system.ls(path, detail=True)}
        else:
            return [_place(system, system.info(path))]
    files = [one for name, one in found.items() if wanted(PurePosixPath(name))]
    places = sorted(_place(system, one) for one in files if one["type"] == "file")
    if not places:
        raise InputError("no image there", where=url, fix="check the address")
    return places


def bring(url: str) -> Path:
    """Fetches a file, or a folder with all that is in it.

    Returns:
        Where it lies now; a folder of which nothing is there may be missing.

    Raises:
        InputError: If it cannot be reached or read.
    """
    for place in listed(url):
        fetched(place)
    return place_of(url)


def listed(url: str) -> list[Path]:
    """Where copies of all files in a folder lie or will lie; none for one that does not exist."""
    system, path = reach(url)
    with told(url):
        found = system.find(path, detail=True)
    return [_place(system, one) for one in found.values()]


def place_of(url: str) -> Path:
    """Where the copy of what a user names lies."""
    system, path = reach(url)
    return copy_of(system.unstrip_protocol(path))


def fetched(path: Path) -> Path:
    """Fetches a file if the path is that of a copy which is not here yet.

    Raises:
        InputError: If it cannot be fetched.
    """
    url = url_of(path)
    if url is None or path.exists():
        return path
    system, there = reach(url)
    draft = path.parent / f".{secrets.token_hex(8)}.tmp"
    with told(url):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            system.get_file(there, str(draft))
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
    return path


@contextmanager
def told(url: str, what: str = "cannot be read") -> Iterator[None]:
    """Turns what a file system raises into one line that names the URL.

    Raises:
        InputError: Whatever was raised inside.
    """
    try:
        yield
    except OpensegError:
        raise
    except FileNotFoundError:
        raise InputError("there is no such file", where=url, fix="check the address") from None
    except ImportError as error:
        reason = " ".join(str(error).split())
        fix = "install what it asks for, or download the file"
        raise InputError(f"{what}: {reason}", where=url, fix=fix) from error
    except Exception as error:  # every file system has errors of its own
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{what}: {reason}", where=url) from error


def _place(system: Any, info: Mapping[str, Any]) -> Path:
    """Where a file's copy lies; an outdated one is removed."""
    place = copy_of(system.unstrip_protocol(info["name"]))
    if url_of(place) is not None and place.exists() and _outdated(place, info):
        place.unlink()
    return place


def _outdated(place: Path, info: Mapping[str, Any]) -> bool:
    status = place.stat()
    changed = next((info[key] for key in _CHANGED if info.get(key) is not None), 0.0)
    if isinstance(changed, datetime):
        changed = changed.timestamp()
    younger = isinstance(changed, (int, float)) and changed > status.st_mtime
    return younger or status.st_size != info["size"]
