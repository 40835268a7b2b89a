"""Reading JSON with errors a user can act on: missing, truncated, not a number, wrong shape."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from openseg.types.errors import InputError


def read_json(path: Path) -> Any:
    """Reads a JSON file.

    Args:
        path: The file.

    Returns:
        What it holds.

    Raises:
        InputError: If it is missing, not text, cut short, or holds NaN or infinity.
    """
    return parse_json(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """The content of a file, or an `InputError` that says why there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        siblings = sorted(one.name for one in path.parent.glob("*"))[:8]
        fix = f"the folder holds {', '.join(siblings)}" if siblings else "check the path"
        raise InputError("no such file", where=str(path), fix=fix) from None
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise InputError(what, where=str(path), fix="give a file") from None


def parse_json(content: bytes, where: str) -> Any:
    """Parses JSON; `where` names its place in errors."""
    try:
        return json.loads(content, parse_constant=_not_a_number)
    except _NotANumberError as error:
        fix = "write finite numbers; JSON has no NaN or Infinity"
        raise InputError(f"holds {error}", where=where, fix=fix) from None
    except RecursionError:
        what, fix = "is nested too deep", "copy or write the file again"
        raise InputError(what, where=where, fix=fix) from None
    except ValueError as error:  # no JSON, no text, or a number of thousands of digits
        size = len(content)
        cut = isinstance(error, json.JSONDecodeError) and (
            error.pos >= len(error.doc.rstrip()) - 1 or error.msg.startswith("Unterminated")
        )
        what = f"is cut short after {size} bytes" if cut else f"is not JSON: {error}"
        raise InputError(what, where=where, fix="copy or write the file again") from None


def read_entries(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Predictions one at a time: JSON lines, or one JSON list.

    Args:
        path: A file; if its first character is `[`, one list, else one object a line.

    Yields:
        The entry's place (`file:line`, or `file entry n` counted from 0) and the entry.

    Raises:
        InputError: If the file cannot be read, or an entry is not a JSON object.
    """
    if not path.is_file():
        read_bytes(path)
    with path.open("rb") as lines:
        first = lines.read(1)
        while first.isspace():
            first = lines.read(1)
        lines.seek(0)
        if first == b"[":
            for number, entry in enumerate(parse_json(lines.read(), str(path))):
                place = f"{path} entry {number}"
                yield place, _object(entry, place)
            return
        for number, line in enumerate(lines, start=1):
            if line.strip():
                place = f"{path}:{number}"
                yield place, _object(parse_json(line, place), place)


def need(entry: Any, key: str, where: str) -> Any:
    """The value of a key, or an `InputError` that lists the keys there are."""
    if not isinstance(entry, Mapping):
        found = type(entry).__name__
        raise InputError(f"is a {found}", where=where, fix=f"it must be an object with {key!r}")
    if key not in entry:
        keys = ", ".join(map(str, entry)) or "none"
        raise InputError(f"has no {key!r}", where=where, fix=f"its keys are: {keys}")
    return entry[key]


def need_number(entry: Any, key: str, where: str) -> int:
    """The value of a key if it is a whole number, else an `InputError`."""
    value = need(entry, key, where)
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(f"{key} is {value!r}", where=where, fix="write a whole number")
    return value


def need_text(entry: Any, key: str, where: str) -> str:
    """The value of a key if it is text that can name a file, else an `InputError`."""
    value = need(entry, key, where)
    if not isinstance(value, str) or not value.isprintable():
        raise InputError(f"{key} is {value!r}", where=where, fix="write text")
    return value


def need_list(value: Any, what: str, where: str) -> list[Any]:
    """The value if it is a list, else an `InputError`."""
    if not isinstance(value, list):
        found = type(value).__name__
        raise InputError(f"{what} is a {found}", where=where, fix="it must be a list")
    return value


def need_finite(value: Any, what: str, where: str) -> float:
    """The value if it is a finite number, else an `InputError`."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value):
        fix = "give a finite number; leave out what has none"
        raise InputError(f"{what} is {value!r}", where=where, fix=fix)
    return float(value)


def sample(items: Any, most: int = 5) -> str:
    """A few items for a message, in order, with dots where there are more."""
    ordered = sorted(items)
    return ", ".join(map(str, ordered[:most])) + (", ..." if len(ordered) > most else "")


def _object(entry: Any, where: str) -> dict[str, Any]:
    if not isinstance(entry, dict):
        found = type(entry).__name__
        raise InputError(f"is a {found}", where=where, fix="each entry must be a JSON object")
    return entry


class _NotANumberError(ValueError):
    pass


def _not_a_number(word: str) -> NoReturn:
    raise _NotANumberError(word)
