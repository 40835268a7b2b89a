"""How the command line speaks: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from openseg.types.errors import OpensegError

verbose = False
"""Whether tracebacks are shown; set by the `-v` option."""


class StoppedError(OpensegError):
    """The user stopped a command that keeps what it has finished."""

    exit_code = 130


@contextmanager
def stoppable(again: str) -> Iterator[None]:
    """Tells a user who presses Ctrl-C how to go on.

    Args:
        again: What to do then, in a few words.

    Raises:
        StoppedError: If it was pressed.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise StoppedError("stopped; what was finished is kept", fix=again) from None


def say(text: str) -> None:
    """Prints a result on stdout."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """Prints a remark on stderr, where it does not mix with results."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def complain(text: str) -> None:
    """Prints an error as one line on stderr."""
    note("openseg: " + " ".join(text.split()))


def say_json(value: Any) -> None:
    """Prints exactly one JSON object on stdout."""
    say(json.dumps(value, ensure_ascii=False))


def table(rows: list[list[str]], head: list[str]) -> str:
    """A plain table, columns aligned, that can be read and cut."""
    lines = [head, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )
