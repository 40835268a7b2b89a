"""JSON lines that survive being killed: one object a line, appended and flushed one by one.

A line that was cut off by a kill or a full disk is the last one; reading leaves it out and the next
append takes its place. Text is written in ASCII escapes, so no half of a character can be left.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from openseg.io.files import write_error
from openseg.types.errors import InputError

_CHUNK = 1 << 16


def append_line(path: str | Path, value: dict[str, Any]) -> None:
    """Adds one object to the end of a file and hands it to the operating system.

    Args:
        path: The file; it and its folder are made where missing.
        value: The object; numbers that are not finite are refused.

    Raises:
        OpensegError: If the file cannot be written; what it held before is kept.
        ValueError: If a number is not finite.
    """
    path = Path(path)
    line = json.dumps(value, separators=(",", ":"), allow_nan=False).encode() + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Neither append mode nor a buffer: a cut-off last line is overwritten, and a full disk is
        # noticed here.
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b", buffering=0) as file:
            end, tail = _split(file)
            _write_at(file, end, tail + b"\n" + line if tail else line)
    except OSError as error:
        raise write_error(path, error) from error


def read_lines(path: str | Path) -> list[dict[str, Any]]:
    """Reads every whole line of a file.

    Args:
        path: A file of JSON lines.

    Returns:
        The objects in order; a cut-off last line and empty lines are left out. A file that does not
        exist holds none.

    Raises:
        InputError: If another line is not a JSON object (`where` is `file:line`), or the file
            cannot be read.
    """
    return list(each_line(path))


def each_line(path: str | Path) -> Iterator[dict[str, Any]]:
    """Reads as `read_lines`, a line at a time: a long run's records do not fit into memory.

    Args:
        path: A file of JSON lines; what is appended meanwhile is left out.

    Yields:
        The objects in order.

    Raises:
        InputError: As `read_lines`, when the line is reached.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            end, tail = _split(file)
            file.seek(0)
            for number, line in enumerate(_whole(file, end, tail), 1):
                if line.strip():
                    value = _parse(line)
                    if value is None:
                        fix = "remove the line"
                        raise InputError("not a line of JSON", where=f"{path}:{number}", fix=fix)
                    yield value
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"cannot read: {error.strerror or error}", where=str(path)) from error


def keep_lines(path: str | Path, count: int) -> None:
    """Cuts a file off after its first lines, in one step.

    Args:
        path: A file of JSON lines; one that does not exist is left so.
        count: How many lines to keep, fewer where there are fewer.

    Raises:
        OpensegError: If the file cannot be cut.
    """
    path = Path(path)
    try:
        with path.open("r+b") as file:
            # A damaged count may be far beyond the file: it ends where the file does.
            file.truncate(sum(len(line) for line, _ in zip(file, range(count), strict=False)))
    except FileNotFoundError:
        return
    except OSError as error:
        raise write_error(path, error) from error


def _whole(file: BinaryIO, end: int, tail: bytes) -> Iterator[bytes]:
    while file.tell() < end:
        yield file.readline()
    yield tail


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _split(file: BinaryIO) -> tuple[int, bytes]:
    """Where the lines that end in a newline stop, and what counts of the rest.

    The rest is empty unless it is a whole object: another program may end its file without a
    newline.
    """
    position = size = file.seek(0, os.SEEK_END)
    end = 0
    while position > 0 and not end:
        start = max(0, position - _CHUNK)
        file.seek(start)
        end = start + file.read(position - start).rfind(b"\n") + 1
        if end == start:
            end = 0
        position = start
    file.seek(end)
    tail = file.read(size - end)
    return end, tail if _parse(tail) is not None else b""


def _write_at(file: BinaryIO, position: int, data: bytes) -> None:
    """Makes `data` the last bytes of the file; takes a half-written piece back."""
    file.seek(position)
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) :]
        file.truncate()
    except OSError:
        file.truncate(position)
        raise
