"""Inside: the graph of a run with its timings, what flowed, and why each mask."""

from __future__ import annotations

import streamlit as st

from openseg.types import Masks
from openseg_ui.server.runs import Run
from openseg_ui.session import asked_run, link
from openseg_ui.views.inside_case import show_case
from openseg_ui.views.inside_trail import show_trail
from openseg_ui.views.inside_values import show_node
from openseg_ui.widgets.drawing import graph_drawing
from openseg_ui.widgets.faults import hint, plain
from openseg_ui.widgets.layers import result_layer
from openseg_ui.widgets.picture import picked, picture

_LAST, _INPUTS = "inside last run", "inputs"


def page() -> None:
    """Draws the page."""
    case = bool({"unit", "sample"} & set(st.query_params))
    if not case and "run" not in st.query_params and _LAST in st.session_state:
        st.query_params["run"] = st.session_state[_LAST]
    if case and "run" not in st.query_params:
        show_case()
        return
    run = asked_run()
    if run is None:
        hint("Here you see what flowed through a method, node by node. Make a run first.")
        link("try", "Run a method on an image", ":material/image_search:")
        return
    st.session_state[_LAST] = run.id
    _head(run)
    node = _choose_node(run)
    trail = _asked_mask(run)
    flow, why = st.tabs(
        ["What flowed", "Why this mask"], default="Why this mask" if trail is not None else None
    )
    with flow:
        show_node(run, "" if node == _INPUTS else node)
    with why:
        _why(run, trail)


def _head(run: Run) -> None:
    asked = run.asked
    parts = [f"**{plain(asked.method)}** on {plain(asked.image_name)}"]
    if asked.text:
        parts.append(f"asked for “{plain(asked.text)}”")
    loading = sum(run.timings.models.values())
    times = f"{sum(run.seconds.values()):.2f} s in nodes"
    if loading >= 0.05:
        times += f", {loading:.1f} s to load models"
    st.markdown(f"{', '.join(parts)}: {len(run.result)} masks :gray[{times}]")


def _choose_node(run: Run) -> str:
    """The node that is shown: clicked in the drawing, chosen in the row below it, or addressed."""
    names = [_INPUTS, *run.result.graph.nodes]
    key = f"inside node {run.id}"
    if key not in st.session_state:
        given = st.query_params.get("node", names[1])
        if given not in names:
            st.warning(f"This method has no node {plain(given)}.")
            given = names[1]
        st.session_state[key] = given
    drawn = f"inside graph {run.id}"
    clicked = graph_drawing(run.result.graph, run.seconds, st.session_state[key], key=drawn)
    seen = f"{drawn} seen"
    if clicked and clicked != st.session_state.get(seen):
        st.session_state[seen] = st.session_state[key] = clicked
        st.rerun()
    node = st.segmented_control("Node", names, key=key, required=True, format_func=plain)
    st.session_state[seen] = node if clicked is None else st.session_state.get(seen)
    st.query_params["node"] = str(node)
    return str(node)


def _asked_mask(run: Run) -> int | None:
    text = st.query_params.get("mask", "")
    row = int(text) if text.isdecimal() and len(text) < 9 else None
    return row if row is not None and row < len(run.result) else None


def _why(run: Run, given: int | None) -> None:
    if not any(isinstance(value, Masks) for value in run.result.outputs.values()) or not len(
        run.result
    ):
        hint("This run has no masks to explain.")
        return
    layer = result_layer(run.result, run.id)
    key = f"inside why {run.id}"
    chosen = picked(key, run.photo, layer).selected
    row = chosen if chosen is not None else given
    left, right = st.columns([3, 2])
    with left:
        picture(run.photo, layer, key=key, selected=row)
    with right:
        if row is None:
            hint("Click a mask, or its name below the picture, to see the evidence that made it.")
            return
        st.query_params["mask"] = str(row)
        show_trail(run, row)
