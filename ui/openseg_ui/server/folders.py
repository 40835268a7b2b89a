"""Paths from the browser: looked up below the folders given at the start, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from openseg.types.errors import UserError

_DEPTH = 4
_MOST = 500


def inside(text: str, roots: Sequence[Path]) -> Path:
    """The path that a text means below one of the roots.

    Args:
        text: Absolute, or relative to a root.
        roots: The allowed folders.

    Raises:
        UserError: If it leads out of them (links are followed first), or does not exist.
    """
    if "\0" not in text:
        for root in roots:
            path = (root / text).resolve()
            if path.is_relative_to(root.resolve()) and path.exists():
                return path
    allowed = ", ".join(str(root) for root in roots) or "none was given at the start"
    what = f"'{text}' is not in the folders of this server"
    raise UserError(what, fix=f"they are: {allowed}")


def folders_with(file: str, roots: Sequence[Path]) -> list[Path]:
    """Folders below the roots that hold a file of that name, newest first."""
    found = {path.parent for root in roots if root.is_dir() for path in _walk(root, file, _DEPTH)}
    return sorted(found, key=lambda folder: -_modified(folder / file))[:_MOST]


def _walk(folder: Path, file: str, depth: int) -> Iterator[Path]:
    try:
        inner = sorted(folder.iterdir())
    except OSError:  # not ours to read, or gone while we looked
        return
    for path in inner:
        if path.name == file:
            yield path
            return
    for path in inner:
        if depth and path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
            yield from _walk(path, file, depth - 1)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
