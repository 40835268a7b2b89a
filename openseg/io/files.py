"""Writing files so that a reader never meets half of one.

A file is written beside its final name and then renamed, which a file system does in one step: a
run that is killed leaves the old file or the new one.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from openseg.types.errors import OpensegError, UserError

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NOT_A_FOLDER = {errno.EEXIST, errno.ENOTDIR}
_DRAFTS = ".*.tmp"

_collected: ContextVar[dict[Path, bytes] | None] = ContextVar("collected", default=None)


@contextmanager
def collecting() -> Iterator[dict[Path, bytes]]:
    """Keeps what `write_atomic` is given inside, instead of writing it: by path."""
    files: dict[Path, bytes] = {}
    token = _collected.set(files)
    try:
        yield files
    finally:
        _collected.reset(token)


def write_atomic(path: str | Path, data: bytes) -> None:
    """Writes a whole file in one step, making its folder first.

    Args:
        path: The file to write; one that exists is replaced.
        data: What the file shall hold.

    Raises:
        OpensegError: If it cannot be written; a `UserError` where another folder would do. What
            the path held before is left as it was.
    """
    path = Path(path)
    files = _collected.get()
    if files is not None:
        files[path] = data
        return
    # Short and hidden: a long name stays within the file system's limit, and a folder read as
    # images skips it.
    draft = _draft(path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            draft.write_bytes(data)
            draft.replace(path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise write_error(path, error) from error


def check_writable(folder: str | Path) -> None:
    """Makes an output folder and proves that files can be written in it.

    Called before any model loads, so that an hour's work is not lost at its first save.

    Raises:
        UserError: If the folder cannot be made or written to.
    """
    probe = _draft(Path(folder))
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        probe.touch(exist_ok=False)
        probe.unlink(missing_ok=True)  # another process may have swept it
    except OSError as error:
        fault = write_error(folder, error)
        raise UserError(fault.what, where=fault.where, fix=fault.fix) from error


def sweep(folder: Path, names: Iterable[str]) -> None:
    """Removes what a killed process was writing; for whoever has the folder for itself.

    Args:
        folder: A folder; drafts in it are removed.
        names: Folders in it, whose drafts are removed at any depth. Others are not entered.
    """
    for place in (folder.glob(_DRAFTS), *((folder / name).rglob(_DRAFTS) for name in names)):
        for draft in place:
            draft.unlink(missing_ok=True)


def _draft(folder: Path) -> Path:
    return folder / f".{secrets.token_hex(8)}.tmp"


def write_error(path: str | Path, error: OSError) -> OpensegError:
    """The error a user sees for a failed write.

    Args:
        path: What was being written.
        error: What the operating system answered.

    Returns:
        A `UserError` where another folder would do, otherwise an `OpensegError`.
    """
    where = os.fspath(path)
    if error.errno in _DISK_FULL:
        return OpensegError("cannot write: the disk is full", where=where, fix="free some space")
    if error.errno in _NOT_ALLOWED:
        reason = (error.strerror or "not allowed").lower()
        return UserError(
            f"cannot write: {reason}", where=where, fix="give a folder you may write to"
        )
    if error.errno in _NOT_A_FOLDER:
        return UserError(
            "cannot write: a file stands where a folder is needed",
            where=where,
            fix="give another folder, or move that file away",
        )
    return OpensegError(f"cannot write: {error.strerror or error}", where=where)
