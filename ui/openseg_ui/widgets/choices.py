"""What several pages ask: a method, weights, words; each begins with what the address says."""

from __future__ import annotations

import streamlit as st

from openseg_ui.server.runs import Run
from openseg_ui.session import hub
from openseg_ui.widgets.faults import plain

DEFAULT_METHOD, DEFAULT_WEIGHTS = "grounded_sam", "mini"
DEFAULT_TEXT = "the red hat; the purple ball; the blue chair"
MOST_TEXT = 2000


def choose_method(run: Run | None) -> str:
    """A choice of shipped methods.

    Args:
        run: The run that the page shows.
    """
    given = run.asked.method if run else st.query_params.get("method")
    return _one_of("Method", list(hub().methods), DEFAULT_METHOD, given)


def choose_weights(run: Run | None) -> str:
    """A choice of the weights of this server.

    Args:
        run: The run that the page shows.
    """
    given = run.asked.weights if run else st.query_params.get("weights")
    about = (
        "*mini* is shipped and knows only the procedural world of the samples; the others are "
        "published checkpoints that openseg fetch brings to this machine."
    )
    return _one_of("Weights", hub().weights(), DEFAULT_WEIGHTS, given, about)


def ask_words(run: Run | None, *, disabled: bool = False) -> str:
    """A field for what to look for.

    Args:
        run: The run that the page shows.
        disabled: Whether words are of no use.
    """
    given = (run.asked.text if run else st.query_params.get("text")) or DEFAULT_TEXT
    return st.text_area(
        "Look for",
        given[:MOST_TEXT],
        height=80,
        max_chars=MOST_TEXT,
        key="words",
        help="Phrases, separated by semicolons.",
        disabled=disabled,
    )


def _one_of(
    label: str, names: list[str], usual: str, given: str | None, about: str | None = None
) -> str:
    """A choice that begins with what an address names, if there is such a thing."""
    chosen = given or usual
    if chosen not in names:
        st.warning(f"There is no {label.lower()} {plain(chosen)}; another one is chosen.")
        chosen = usual if usual in names else names[0]
    return str(st.selectbox(label, names, names.index(chosen), key=label.lower(), help=about))
