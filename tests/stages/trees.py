"""Dependency trees written by hand."""

from __future__ import annotations

import re

from openseg.types import ParsedPhrase, ParsedWord


def tree(text, roles):
    """The tree of a text; for each word `role:head`, or `root`."""
    words = []
    for found, role in zip(re.finditer(r"\S+", text), roles.split(), strict=True):
        name, _, head = role.partition(":")
        words.append(ParsedWord(*found.span(), int(head) if head else -1, name))
    return ParsedPhrase(text, tuple(words))
