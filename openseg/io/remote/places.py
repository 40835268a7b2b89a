"""Where the copy of a file at a URL lies on this machine, and which URL a copy is of.

A copy's path says its URL, so a worker on another machine can fetch what is not there yet.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from openseg.types.errors import InputError

MARK = "by-url"
"""The folder of all copies; what follows it in a path is the URL."""

_ABSOLUTE = "_"
"""Stands for the empty part before a leading slash."""


def cache_folder() -> Path:
    """The folder of the command line's cache: `$OPENSEG_CACHE`, or the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(os.environ.get("OPENSEG_CACHE") or Path(base) / "openseg")


def is_url(spec: str | Path) -> bool:
    """Whether a user means a place that fsspec reaches, as `s3://bucket/folder`."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", str(spec)) is not None


def copy_of(url: str) -> Path:
    """Where the copy of a file or folder lies, whether it is there or not.

    Args:
        url: As its file system writes it; of `file://` the file itself is meant.

    Raises:
        InputError: If it climbs up by `..`.
    """
    scheme, _, rest = url.partition("://")
    parts = [part or _ABSOLUTE for part in rest.rstrip("/").split("/")]
    if ".." in parts:
        raise InputError("a URL must not contain '..'", where=url, fix="write it without")
    if scheme in {"file", "local"}:
        return Path(rest)
    return (cache_folder() / MARK / scheme).joinpath(*parts).absolute()


def url_of(path: Path) -> str | None:
    """The URL that a path is the copy of, or None."""
    if MARK not in path.parts:
        return None
    scheme, *parts = path.parts[path.parts.index(MARK) + 1 :] or [""]
    if not parts:
        return None
    return f"{scheme}://{'/'.join('' if part == _ABSOLUTE else part for part in parts)}"
