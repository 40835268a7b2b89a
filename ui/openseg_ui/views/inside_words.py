"""What a language model was asked and what it said, word for word."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from openseg.types.descriptions import Answer, Descriptions
from openseg_ui.widgets.faults import hint, plain

_MANY = 12


def show_answers(value: Descriptions, port: str, names: Sequence[str]) -> None:
    """Shows questions with their answers.

    Args:
        value: The answers.
        port: The port that gave them.
        names: What each row speaks of.
    """
    lost = f", {value.missing} without an answer" if value.missing else ""
    st.markdown(f"**{plain(port)}** :gray[{len(value.items)} questions{lost}]")
    if not value.items:
        hint("Nothing was asked.")
    for row, name in enumerate(names[:_MANY]):
        for one in value.row(row):
            _show(one, name)
    if len(names) > _MANY:
        st.caption(f"and {len(names) - _MANY} more, in the table")


def _show(one: Answer, name: str) -> None:
    with st.container(border=True):
        st.markdown(f":gray[{plain(name)}]")
        with st.chat_message("user", avatar=":material/help:"):
            st.text(one.question or "Nothing could be asked.")
        with st.chat_message("assistant", avatar=":material/smart_toy:"):
            if one.missing:
                st.markdown(f":orange-badge[no answer] {plain(one.missing)}")
            if one.reply:
                st.text(one.reply)
            if one.text and one.text != one.reply.strip():
                st.markdown(f"used as **{plain(one.text)}**")
        if one.prompt:
            st.caption(f"Prompt: {plain(one.prompt)}")
