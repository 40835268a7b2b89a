"""A user's mistake in a method: where it is, what it is, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from openseg.types.errors import MethodError


@dataclass(frozen=True)
class Problem:
    """One fault of a method.

    Attributes:
        where: `file:line`, the `--set` text, or the model whose weights are missing.
        what: What is wrong; names the offending value.
        fix: What was probably meant or what to do; empty when nothing can be suggested.
    """

    where: str
    what: str
    fix: str = ""

    def __post_init__(self) -> None:
        for name in ("where", "what", "fix"):  # names in YAML may hold line breaks or escape codes
            text = "".join(c if c.isprintable() else " " for c in getattr(self, name))
            object.__setattr__(self, name, text)

    def __str__(self) -> str:
        return str(self.error())

    def error(self) -> MethodError:
        """The same fault as an exception."""
        return MethodError(self.what, where=self.where, fix=self.fix)


def closest(word: str, options: Iterable[str]) -> str | None:
    """The option that was probably meant by a misspelt or shortened word, or None."""
    folded = {_fold(option): option for option in options}
    wanted = _fold(word)
    matches = difflib.get_close_matches(wanted, folded, n=1, cutoff=0.6)
    if matches:
        return folded[matches[0]]
    parts = [option for fold, option in folded.items() if wanted and wanted in fold.split(".")]
    return parts[0] if len(parts) == 1 else None


_FEW = 60
"""As many names as one still reads through in advice: the shipped methods are among the longest."""


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Advice for an unknown word: the closest option, else the options if they are few."""
    known = sorted(options)
    match = closest(word, known)
    if match is not None:
        return f"did you mean `{match}`?"
    if not known:
        return "there are none"
    return f"known: {', '.join(known)}" if len(known) <= _FEW else ""


def _fold(word: str) -> str:
    return word.casefold().replace("-", "_")
