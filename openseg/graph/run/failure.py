"""Exceptions of stages and readers, made into failures of one sample that hold no memory."""

from __future__ import annotations

import traceback

from openseg.types.errors import InputError, OpensegError, StageError, UserError

EXHAUSTED = ("can't allocate memory", "not enough memory", "out of memory", "ALLOC_FAILED")
"""What allocators (the CPU's, MPS, cuBLAS) say that raise a plain RuntimeError."""


def describe(error: Exception) -> str:
    """An exception in one line."""
    if isinstance(error, OpensegError):
        return str(error)
    lines = f"{type(error).__name__}: {error}".splitlines()
    return " ".join(line.strip() for line in lines)


def node_failure(error: Exception, node: str) -> OpensegError:
    """A sample's failure in a node: a user's mistake stays one, the rest are `StageError`s.

    Args:
        error: What the stage raised on that sample.
        node: The node's name.
    """
    kind = InputError if isinstance(error, UserError) else StageError
    failure = kind(describe(error), where=f"node '{node}'")
    failure.__cause__ = error
    return failure


def input_failure(error: Exception, sample: str) -> OpensegError:
    """A sample's failure before any node ran.

    Args:
        error: What reading the sample raised; errors of ours that name a place stay as they are.
        sample: The sample's id.
    """
    if isinstance(error, OpensegError) and error.where:
        return error
    failure = InputError(describe(error), where=f"sample '{sample}'")
    failure.__cause__ = error
    return failure


def is_out_of_memory(error: Exception) -> bool:
    """Whether an exception says that the device or the host has no memory left."""
    from torch import OutOfMemoryError

    return isinstance(error, MemoryError | OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(text in str(error) for text in EXHAUSTED)
    )


def let_go(error: BaseException) -> None:
    """Turns tracebacks into notes: their frames would keep a window's images and masks alive.

    Args:
        error: An exception that has been caught; what it was raised from is treated alike.
    """
    seen: BaseException | None = error
    while seen is not None and seen.__traceback__ is not None:
        lines = "".join(traceback.format_tb(seen.__traceback__)).rstrip()
        seen.add_note(f"Raised at (most recent call last):\n{lines}")
        seen.__traceback__ = None
        seen = seen.__cause__ or seen.__context__
