"""Which files of a folder are ours: what a killed run goes on from, and what a new order replaces.

Every piece (a scene, an object) has a small file in `.rooms` that is written last: without it the
piece does not count and is made again. `world.json` says what was ordered and whether all is there.
"""

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from openseg.io.files import write_atomic
from openseg.mini.rooms.formats.encode import dumps

MARK = "world.json"
"""What says what a folder holds."""

_PIECES = ".rooms"


class Files:
    """Writes files of a folder and remembers their names.

    Args:
        out: The folder.
    """

    def __init__(self, out: Path) -> None:
        self._out = out
        self.names: list[str] = []

    def write(self, name: str, content: bytes) -> None:
        """Writes a file in one step.

        Args:
            name: Its path in the folder.
            content: What it shall hold.

        Raises:
            OpensegError: If it cannot be written.
        """
        write_atomic(self._out / name, content)
        self.names.append(name)


class Ledger:
    """The pieces of a folder.

    Args:
        out: The folder.
    """

    def __init__(self, out: Path) -> None:
        self._out = out

    def mark(self) -> Mapping[str, Any]:
        """What `world.json` says; nothing if there is none."""
        return _read(self._out / MARK)

    def write_mark(self, order: Mapping[str, Any], files: Files | None = None) -> None:
        """Says what is ordered; with the files of all pieces together, that all of it is there."""
        state = {"complete": files is not None, "files": files.names if files else []}
        content = json.dumps({**order, **state}, indent=1) + "\n"
        write_atomic(self._out / MARK, content.encode())

    def enter(self, piece: str, files: Files, data: Any) -> None:
        """Says that a piece is whole.

        Args:
            piece: Its name.
            files: What it wrote.
            data: What the files of all pieces together need of it, as JSON.
        """
        write_atomic(self._path(piece), dumps({"files": files.names, "data": data}))

    def holds(self, piece: str) -> bool:
        """Whether a piece is whole."""
        found = _read(self._path(piece))
        return bool(found) and self.exist(found["files"])

    def exist(self, names: Collection[str]) -> bool:
        """Whether files are there."""
        return all((self._out / name).is_file() for name in names)

    def data(self, piece: str) -> Any:
        """What a whole piece said of itself."""
        return _read(self._path(piece))["data"]

    def keep_only(self, pieces: Collection[str]) -> None:
        """Removes the files of all other pieces."""
        kept = {self._path(piece) for piece in pieces}
        for path in sorted((self._out / _PIECES).glob("*.json")):
            if path not in kept:
                names = _read(path).get("files", [])
                path.unlink()
                self.remove(names)

    def remove(self, names: Collection[str]) -> None:
        """Removes files, and folders that this empties."""
        root = self._out.resolve()
        for name in names:
            path = (root / name).resolve()
            if path.is_relative_to(root):
                path.unlink(missing_ok=True)
                for folder in path.relative_to(root).parents[:-1]:
                    _remove_empty(root / folder)

    def _path(self, piece: str) -> Path:
        return self._out / _PIECES / f"{piece}.json"


def _remove_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _read(path: Path) -> dict[str, Any]:
    """An object in a JSON file; empty if the file is missing or not ours."""
    try:
        found = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
