"""A folder that only one process at a time may write in, until it is done or killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

from openseg.io.files import write_error
from openseg.types.errors import UserError

LOCK = ".lock"


class FolderLock:
    """The lock of a folder, held from the moment it is made.

    Whoever holds it removes the file at the end, so a file that was opened before that and locked
    after it is no lock any more. A killed process leaves the file and no lock.

    Args:
        folder: The folder; made if missing.
        who: Who is refused, for the message: "another evaluation".

    Raises:
        UserError: If another process holds it, or the folder cannot be written.
    """

    def __init__(self, folder: Path, who: str) -> None:
        self._path = folder / LOCK
        while True:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("w")
            except OSError as error:
                fault = write_error(folder, error)
                raise UserError(fault.what, where=fault.where, fix=fault.fix) from error
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                self._file.close()
                raise UserError(
                    f"{who} is writing here", where=str(folder), fix="choose another --out"
                ) from None
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(self._file.fileno()), self._path.stat()):
                    return
            self._file.close()

    def release(self) -> None:
        """Lets the next one in and leaves no file behind."""
        self._path.unlink(missing_ok=True)
        self._file.close()
