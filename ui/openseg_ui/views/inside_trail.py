"""The evidence behind one mask, step by step back to what the user gave."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from openseg.api.trace import Evidence
from openseg_ui.server.runs import Run
from openseg_ui.widgets.faults import plain


def show_trail(run: Run, row: int) -> None:
    """Shows where a mask came from.

    Args:
        run: The run.
        row: The mask.
    """
    name = run.result.phrases[row] or f"Region {row}"
    st.markdown(f"##### {plain(name)} :gray[mask {row}]")
    for depth, step in steps(run.result.trace[row]):
        _, column = st.columns([0.06 * depth, 1]) if depth else (None, st.container())
        with column, st.container(border=True):
            place = f"row {step.row}" if step.row is not None else "as a whole"
            title = f"**{plain(step.node)}** :gray[{plain(step.stage)}, {place}]"
            models = " ".join(f":blue-badge[{plain(one)}]" for one in step.models)
            st.markdown(f"{title} {models}" if step.node else "**what you gave**")
            facts = {name: value for name, value in step.facts.items() if value is not None}
            st.markdown(
                "  \n".join(f":gray[{plain(name)}] {plain(value)}" for name, value in facts.items())
            )


def steps(last: Evidence) -> Iterator[tuple[int, Evidence]]:
    """The steps of a trail with their distance from the mask, each once; inputs are one step."""
    seen: set[tuple[str, int | None]] = set()
    given: dict[str, object] = {}
    queue = [(0, last)]
    while queue:
        depth, step = queue.pop(0)
        if not step.node:
            given.update(step.facts)
            continue
        if (step.node, step.row) in seen:
            continue
        seen.add((step.node, step.row))
        yield depth, step
        queue += [(depth + 1, one) for one in step.because]
    yield 0, Evidence("", "", None, given)
