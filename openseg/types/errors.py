"""Errors a user sees: what is wrong, where, and how to put it right, in one line.

Everything openseg raises on purpose derives from `OpensegError`; anything else is a bug of ours.
"""

from __future__ import annotations


class OpensegError(Exception):
    """Base of every error openseg raises on purpose.

    Args:
        what: What is wrong, in a few words that name the offending value.
        where: File, line, node or argument at fault; empty when there is none to name.
        fix: What the user can do about it; empty when nothing can be suggested.
    """

    exit_code = 1
    ends_run = False
    """Whether it would meet every further sample too, so that going on is of no use."""

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.fix = fix

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" ({self.fix})" if self.fix else ""
        return f"{place}{self.what}{advice}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.where, self.fix))


def _rebuild(kind: type[OpensegError], what: str, where: str, fix: str) -> OpensegError:
    return kind(what, where=where, fix=fix)


class UserError(OpensegError):
    """A mistake in what the user gave: arguments, YAML, files. The command line exits with 2."""

    exit_code = 2


class MethodError(UserError):
    """A method's YAML is wrong; `where` is `file:line`."""


class InputError(UserError):
    """An input file or text cannot be used; `where` names it."""


class MissingWeightsError(UserError):
    """A checkpoint is not on this machine; `fix` names the command that fetches it."""


class MissingExtraError(UserError):
    """An optional package is not installed; `fix` names what to install."""


class NoRoomError(OpensegError):
    """A model is larger than the memory that is free; found out before it is loaded."""


class ShapeError(OpensegError):
    """A tensor on an edge does not have the shape or dtype its type promises."""


class StageError(OpensegError):
    """A stage failed on a sample; `where` names the node and the sample."""
