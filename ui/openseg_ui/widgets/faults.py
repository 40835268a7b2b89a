"""How faults are told: what, where, and what to do; and text of others, shown as text."""

from __future__ import annotations

import re

import streamlit as st

from openseg.types.errors import OpensegError

_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&\"'])")


def plain(text: object) -> str:
    """A text that Markdown shows as it is, whoever wrote it."""
    return _MARKS.sub(r"\\\1", " ".join(str(text).split()))


def fault(error: Exception) -> None:
    """Shows an error to the user; what is not ours on purpose is named, without its insides."""
    if not isinstance(error, OpensegError):
        name = type(error).__name__
        st.error(f"**Unexpected {plain(name)}.** This is a fault of openseg: {plain(error)}")
        return
    lines = [f"**{plain(error.what[:1].upper() + error.what[1:])}**"]
    if error.where:
        lines.append(f"Where: {plain(error.where)}")
    if error.fix:
        lines.append(f"What to do: {plain(error.fix)}")
    st.error("  \n".join(lines), icon=":material/error:")


def hint(text: str) -> None:
    """Says what this place is for while it is empty."""
    st.info(text, icon=":material/lightbulb:")
