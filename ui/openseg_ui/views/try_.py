"""Try: a method, an image, words; masks appear, and can be looked at, tuned and taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from openseg.types import TextQuery
from openseg.types.errors import OpensegError
from openseg_ui.server.images import Photo
from openseg_ui.server.runs import Asked, Prompts, Run
from openseg_ui.session import address, asked_run, hub, link, note
from openseg_ui.widgets.choices import (
    DEFAULT_TEXT,
    DEFAULT_WEIGHTS,
    ask_words,
    choose_method,
    choose_weights,
)
from openseg_ui.widgets.faults import fault, hint, plain
from openseg_ui.widgets.image_choice import choose_image
from openseg_ui.widgets.layers import result_layer
from openseg_ui.widgets.picture import Picked, picked, picture
from openseg_ui.widgets.progress import show_progress
from openseg_ui.widgets.prompt_field import ask_prompts, revision, take_clicks, tools
from openseg_ui.widgets.settings_form import settings_form
from openseg_ui.widgets.take_away import take_away

if TYPE_CHECKING:
    from openseg.graph.graph import Graph

_PICTURE, _JOB = "try picture", "try job"


def page() -> None:
    """Draws the page."""
    run = asked_run()
    with st.sidebar:
        method, weights = choose_method(run), choose_weights(run)
        try:
            graph = hub().graph(method, weights)
        except OpensegError as error:
            fault(error)
            return
        photo = choose_image(run)
        asked_text = ask_words(run) if TextQuery in graph.inputs.values() else None
        prompts = ask_prompts(photo, run) if photo and tools(graph) else Prompts()
        with st.expander("Settings", icon=":material/tune:"):
            same = run is not None and run.asked.method == method
            given = run.asked.sets if run and same else ()
            sets = settings_form(graph, f"try {method}", given)
        ready = photo is not None and _ready(graph, weights)
        wanted = st.button("Run", type="primary", width="stretch", disabled=not ready)
    if photo is None:
        hint("Choose an image on the left: a sample, a file of yours, or the camera.")
        return
    asked = Asked(method, weights, tuple(sets), asked_text, photo.digest, photo.name, prompts)
    if wanted:
        _start(asked, photo)
    job = st.session_state.get(_JOB)
    if job is not None and show_progress(job) and job.result is not None:
        del st.session_state[_JOB]  # what was stopped or failed says so until the next run
        note(job.result)
        address(**_question(job.result.asked), run=job.result.id)
        st.rerun()
    if "run" not in st.query_params:
        address(**_question(asked))
    shown = run if run is not None and run.asked.image == photo.digest else None
    seen = _show(photo, graph, shown, prompts)
    if shown is not None:
        _below(shown, asked, seen)
    elif job is None:
        hint(_next_step(graph))


def _question(asked: Asked) -> dict[str, str]:
    """What an address says, so that it means something when the run is forgotten."""
    question = {"method": asked.method}
    if asked.weights != DEFAULT_WEIGHTS:
        question["weights"] = asked.weights
    if asked.text not in {None, DEFAULT_TEXT}:
        question["text"] = str(asked.text)
    return question


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
    drawn = tools(graph)
    return picture(
        photo,
        layer,
        key=_PICTURE,
        tools=["look", *drawn] if run else [*drawn, "look"],
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
    if TextQuery in graph.inputs.values():
        return "Say what to look for on the left, then press Run."
    if tools(graph):
        return "Click points, draw scribbles or boxes on the picture, then press Run."
    return "Press Run."
