"""Drawings that the library makes as SVG: a method's graph, an oracle's waterfall."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from openseg.graph.draw import draw
from openseg.graph.graph import Graph

_HTML = '<div class="drawing"></div>'
_CSS = """
.drawing { background: var(--st-background-color); border: 1px solid var(--st-border-color, #8884);
  border-radius: 10px; padding: 8px; overflow-x: auto; text-align: center; }
.drawing .page { fill: transparent; }
.drawing g:focus { outline: none; }
.drawing g:focus-visible > rect.card { stroke: var(--st-primary-color); stroke-width: 3px; }
.waterfall { color: var(--st-text-color) !important; background: transparent !important; }
"""


def graph_drawing(
    graph: Graph, seconds: Mapping[str, float] | None, selected: str, *, key: str
) -> str | None:
    """Draws a graph whose nodes can be clicked.

    Args:
        graph: The method.
        seconds: What each node took.
        selected: The node that is emphasised.
        key: Streamlit's key of the drawing.

    Returns:
        The node that was clicked last, or None.
    """
    node = drawing(draw(graph, seconds), list(graph.nodes), selected, key=key)
    return node if node in graph.nodes else None


def drawing(svg: str, nodes: Sequence[str] = (), selected: str = "", *, key: str) -> Any:
    """Shows an SVG of ours (never one from a user); gives the node that was clicked, or None."""
    data = {"svg": svg, "nodes": list(nodes), "selected": selected}
    return _component()(key=key, data=data, on_node_change=_nothing).node


def _nothing() -> None:
    """Streamlit asks for a callback a state."""


@cache
def _component() -> Callable[..., Any]:
    script = Path(__file__).with_name("drawing.js").read_text("utf-8")
    made: Callable[..., Any] = st.components.v2.component(
        "openseg_drawing", html=_HTML, css=_CSS, js=script
    )
    return made
