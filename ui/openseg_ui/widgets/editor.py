"""An editor for a method's YAML: line numbers, faulty lines underlined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st


def edited(key: str, given: str, revision: str) -> str:
    """The text of an editor: what was typed since it got this revision, else what it was given."""
    value = (st.session_state.get(key) or {}).get("text")
    typed = isinstance(value, dict) and value.get("of") == revision
    return str(value["text"]) if value and typed else given


def editor(key: str, given: str, revision: str, faults: Mapping[int, str]) -> None:
    """Shows the editor.

    Args:
        key: Streamlit's key; its state has what `edited` reads.
        given: The text to begin with.
        revision: Changed when `given` shall replace what was typed.
        faults: What is wrong, by line from 1.
    """
    data = {"text": given, "revision": revision, "faults": dict(faults)}
    _component()(key=key, data=data, on_text_change=_nothing)


def _nothing() -> None:
    """Streamlit asks for a callback a state."""


@cache
def _component() -> Callable[..., Any]:
    kinds = ("html", "css", "js")
    html, css, js = (Path(__file__).with_suffix(f".{one}").read_text("utf-8") for one in kinds)
    made: Callable[..., Any] = st.components.v2.component(
        "openseg_editor", html=html, css=css, js=js
    )
    return made
