"""Try: a method, an image, words; masks appear, and can be looked at, tuned and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from openseg.graph.loader import pipeline_names
from openseg.types import Boxes, Points, TextQuery
from openseg.types.errors import OpensegError
from openseg_ui.server.images import Photo
from openseg_ui.server.runs import Asked, Run
from openseg_ui.session import asked_run, hub, link
from openseg_ui.views.try_image import choose_image
from openseg_ui.views.try_prompts import ask_prompts, revision, take_clicks
from openseg_ui.views.try_take import take_away
from openseg_ui.widgets.faults import fault, hint, plain
from openseg_ui.widgets.layers import result_layer
from openseg_ui.widgets.picture import Picked, Prompts, picked, picture
from openseg_ui.widgets.progress import show_progress
from openseg_ui.widgets.settings_form import settings_form

if TYPE_CHECKING:
    from openseg.graph.graph import Graph

DEFAULT_METHOD = "grounded_sam"
DEFAULT_TEXT = "the red cup; the purple ball; the red hat"
_PICTURE, _JOB = "try picture", "try job"


def page() -> None:
    """Draws the page."""
    run = asked_run()
    with st.sidebar:
        method, weights = _choose_method(run)
        try:
            graph = hub().graph(method, weights)
        except OpensegError as error:
            fault(error)
            return
        photo = choose_image(run)
        asked_text = _ask_text(graph, run)
        prompts = ask_prompts(photo) if photo and _tools(graph) else Prompts()
        with st.expander("Settings", icon=":material/tune:"):
            sets = settings_form(graph, f"try {method}")
        ready = photo is not None and _ready(graph, weights)
        wanted = st.button("Run", type="primary", width="stretch", disabled=not ready)
    if photo is None:
        hint("Choose an image on the left: a sample, a file of yours, or the camera.")
        return
    asked = Asked(
        method, weights, tuple(sets), asked_text, prompts.points, prompts.boxes, photo.digest,
        photo.name,
    )  # fmt: skip
    if wanted:
        _start(asked, photo)
    job = st.session_state.get(_JOB)
    if job is not None and show_progress(job):
        del st.session_state[_JOB]
        if job.result is not None:
            st.query_params.from_dict({"method": method, "run": job.result.id})
            st.rerun()
    shown = run if run is not None and run.asked.image == photo.digest else None
    seen = _show(photo, graph, shown, prompts)
    if shown is not None:
        _below(shown, asked, seen)
    elif job is None:
        hint(_next_step(graph))


def _choose_method(run: Run | None) -> tuple[str, str]:
    names = pipeline_names()
    given = run.asked.method if run else st.query_params.get("method", DEFAULT_METHOD)
    if given not in names:
        st.warning(f"There is no method {plain(given)}; another one is chosen.")
        given = DEFAULT_METHOD if DEFAULT_METHOD in names else names[0]
    method = st.selectbox("Method", names, names.index(given), key="try method")
    weights = st.selectbox(
        "Weights",
        hub().weights(),
        help="*mini* is shipped and knows only the procedural world of the samples; the others are "
        "published checkpoints that openseg fetch brings to this machine.",
        key="try weights",
    )
    return method, weights


def _ask_text(graph: Graph, run: Run | None) -> str | None:
    if TextQuery not in graph.inputs.values():
        return None
    given = (run.asked.text if run else st.query_params.get("text")) or DEFAULT_TEXT
    return st.text_area(
        "Look for", given, height=80, max_chars=2000, key="try text",
        help="Phrases, separated by semicolons.",
    )  # fmt: skip


def _tools(graph: Graph) -> list[str]:
    kinds = set(graph.inputs.values())
    return [tool for tool, kind in (("point", Points), ("box", Boxes)) if kind in kinds]


def _ready(graph: Graph, weights: str) -> bool:
    missing = hub().missing(graph, weights)
    for error in missing:
        fault(error)
    return not missing


def _start(asked: Asked, photo: Photo) -> None:
    if (before := st.session_state.get(_JOB)) is not None:
        before.cancel()
    st.session_state[_JOB] = hub().submit(asked, photo)


def _show(photo: Photo, graph: Graph, run: Run | None, prompts: Prompts) -> Picked:
    layer = result_layer(run.result, run.id) if run else None
    tools = _tools(graph)
    return picture(
        photo,
        layer,
        key=_PICTURE,
        tools=["look", *tools] if run else [*tools, "look"],
        prompts=prompts,
        revision=revision(photo),
        on_prompts=lambda: take_clicks(_PICTURE, photo),
        selected=picked(_PICTURE, photo, layer).selected,
    )


def _below(run: Run, asked: Asked, seen: Picked) -> None:
    """What can be done with a result."""
    if not len(run.result):
        hint(
            "Nothing was found. Lower the score threshold in the settings, ask for other words, or "
            "look inside at what was proposed."
        )
    if run.asked != asked:
        st.caption(":material/info: What you changed since is not in this result: press Run.")
    row = seen.selected
    left, right = st.columns(2)
    with left:
        link("inside", "Look inside this run", ":material/account_tree:", run=run.id)
    if row is not None and row < len(run.result):
        with right:
            name = run.result.phrases[row] or f"region {row}"
            label = f"Where does {plain(name)} come from?"
            link("inside", label, ":material/route:", run=run.id, mask=str(row))
    take_away(run, seen.threshold)


def _next_step(graph: Graph) -> str:
    tools = _tools(graph)
    if TextQuery in graph.inputs.values():
        return "Say what to look for on the left, then press Run."
    if tools:
        return "Click points on the picture or choose Box and draw one, then press Run."
    return "Press Run."
