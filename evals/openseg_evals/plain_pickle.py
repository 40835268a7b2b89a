"""Pickles of lists, dicts, text and numbers, read so that nothing in them can run.

RefCOCO's refs files are such pickles. A reader that only refuses classes is not enough: a short
pickle can also ask for a huge memo, name one list a million times, or nest until Python breaks.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

from openseg.types.errors import InputError

MAX_DEPTH = 50

# Everything that Python 2 and 3 write for lists, dicts, text, numbers, booleans and None.
# fmt: off
_PLAIN = (
    "MARK", "STOP", "POP", "POP_MARK", "DUP", "NONE", "INT", "BININT", "BININT1", "BININT2",
    "LONG", "LONG1", "LONG4", "NEWTRUE", "NEWFALSE", "FLOAT", "BINFLOAT", "STRING", "BINSTRING",
    "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "EMPTY_LIST",
    "LIST", "APPEND", "APPENDS", "EMPTY_DICT", "DICT", "SETITEM", "SETITEMS", "PUT", "BINPUT",
    "LONG_BINPUT", "MEMOIZE", "GET", "BINGET", "LONG_BINGET", "PROTO", "FRAME",
)
# fmt: on
_OUTSIDE: tuple[str, ...] = (
    "GLOBAL",
    "STACK_GLOBAL",
    "INST",
    "OBJ",
    "REDUCE",
    "NEWOBJ",
    "NEWOBJ_EX",
    "BUILD",
)
_OUTSIDE += ("EXT1", "EXT2", "EXT4", "PERSID", "BINPERSID", "NEXT_BUFFER", "READONLY_BUFFER")


def read_plain_pickle(content: bytes, where: str) -> Any:
    """Reads a pickle that holds lists, dicts, text and numbers only.

    Args:
        content: The pickle.
        where: Its place, for errors.

    Returns:
        What it holds.

    Raises:
        InputError: If it is truncated, names any class or function, is nested deeper
            than `MAX_DEPTH`, or holds more values than bytes.
    """
    fix = "a refs file holds lists, dicts, text and numbers; do not trust this one"
    try:
        found = _PlainUnpickler(io.BytesIO(content), encoding="latin1").load()
        _measure(found, len(content))
    except _NotPlainError as error:
        raise InputError(f"the pickle {error}", where=where, fix=fix) from None
    except Exception as error:  # noqa: BLE001 (a damaged pickle can raise nearly anything)
        what = f"is not a whole pickle: {type(error).__name__}"
        raise InputError(what, where=where, fix="download the file again") from None
    return found


class _NotPlainError(ValueError):
    pass


# Python's own unpickler written in Python: its steps can be chosen, and its memo takes no more room
# than what is in it. The one written in C can be told neither.
class _PlainUnpickler(pickle._Unpickler):
    """Knows the steps that build plain data; each other one is an error."""

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        getattr(pickle, name)[0]: pickle._Unpickler.dispatch[getattr(pickle, name)[0]]
        for name in _PLAIN
    }


def _refuse(name: str) -> Callable[[Any], NoReturn]:
    def step(_: Any) -> NoReturn:
        raise _NotPlainError(f"asks for more than plain data ({name})")

    return step


_PlainUnpickler.dispatch |= {getattr(pickle, name)[0]: _refuse(name) for name in _OUTSIDE}


def _measure(content: Any, most: int) -> None:
    """Refuses what is deeper, or larger once every reference is followed, than its bytes allow."""
    waiting, values = [(content, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        if not isinstance(value, list | dict):
            continue
        values += len(value)
        if values > most or depth > MAX_DEPTH:
            raise _NotPlainError("repeats itself or is nested too deep")
        below = value.values() if isinstance(value, dict) else value
        waiting += [(one, depth + 1) for one in below if isinstance(one, list | dict)]
