"""Compose: a method's YAML beside its graph; faults are told while one types; run it at once."""

from __future__ import annotations

import streamlit as st

from openseg.graph.draw import draw
from openseg.graph.graph import Graph
from openseg.graph.loader import Problem, find_pipeline, pipeline_names
from openseg.types import TextQuery
from openseg.types.errors import OpensegError
from openseg_ui.server.images import Photo
from openseg_ui.server.runs import Asked, Prompts, Run
from openseg_ui.server.untrusted import line_of, packed, unpacked
from openseg_ui.session import address, asked_run, hub, link, note
from openseg_ui.widgets.choices import DEFAULT_METHOD, ask_words, choose_weights
from openseg_ui.widgets.drawing import drawing
from openseg_ui.widgets.editor import edited, editor
from openseg_ui.widgets.faults import fault, hint, plain
from openseg_ui.widgets.image_choice import choose_image
from openseg_ui.widgets.layers import result_layer
from openseg_ui.widgets.picture import picked, picture
from openseg_ui.widgets.progress import show_progress
from openseg_ui.widgets.prompt_field import ask_prompts, revision, take_clicks, tools
from openseg_ui.widgets.take_away import take_away

_EDITOR, _PICTURE, _JOB, _SEEN = "compose text", "compose picture", "compose job", "compose graph"
_START, _BASE, _DRAFT = "compose start", "compose started from", "compose draft"
_MANY = 12


def page() -> None:
    """Draws the page."""
    run = asked_run()
    with st.sidebar:
        base = _choose_base(run)
        weights = choose_weights(run)
        photo = choose_image(run)
        asking, pressed = st.container(), st.container()
    given, version = _given(base, run)
    text = st.session_state[_DRAFT] = edited(_EDITOR, given, version)
    problems = hub().check_text(text)
    graph = None if problems else hub().composed(text, weights)
    with asking:
        asked = _ask(text, graph, weights, photo, run)
    left, right = st.columns([9, 11])
    with left:
        editor(_EDITOR, given, version, _by_line(problems))
        _show_problems(problems)
    with right:
        _show_graph(graph)
    missing = hub().missing(graph, weights) if graph is not None else []
    with pressed:
        for error in missing:
            fault(error)
        wanted = st.button(
            "Run", type="primary", width="stretch", disabled=asked is None or bool(missing)
        )
    if wanted and asked is not None and photo is not None:
        st.session_state[_JOB] = hub().submit(asked, photo)
    _show_run(run, photo, tools(graph) if graph else [], asked.prompts if asked else Prompts())
    if text not in {given, run.asked.yaml if run else ""}:
        st.query_params.pop("run", None)
        st.query_params["yaml"] = packed(text)


def _ask(
    text: str, graph: Graph | None, weights: str, photo: Photo | None, run: Run | None
) -> Asked | None:
    """What a run would be asked, or None while the method or the image is not there."""
    takes_words = graph is None or TextQuery in graph.inputs.values()
    words = ask_words(run, disabled=not takes_words)
    if graph is None or photo is None:
        return None
    drawn = ask_prompts(photo, run) if tools(graph) else Prompts()
    said = words if takes_words else None
    return Asked(graph.name, weights, (), said, photo.digest, photo.name, drawn, text)


def _choose_base(run: Run | None) -> str:
    names = pipeline_names()
    given = st.session_state.get(_BASE) or st.query_params.get("method", DEFAULT_METHOD)
    if run is not None and not run.asked.yaml:
        given = run.asked.method
    place = names.index(given) if given in names else 0
    return st.selectbox("Start from", names, place, key="compose base")


def _given(base: str, run: Run | None) -> tuple[str, str]:
    """The text the editor begins with, and its number: it changes when the text shall be replaced.

    At first the address counts, then what was typed, until another method is chosen.
    """
    state = st.session_state
    text, number = state.get(_START, ("", 0))
    if _START not in state:
        state[_START] = (_addressed(run) or _shipped(base), 1)
    elif state[_BASE] != base:
        state[_START] = (_shipped(base), number + 1)
    elif _EDITOR not in state and state[_DRAFT] != text:  # back from another page
        state[_START] = (state[_DRAFT], number + 1)
    state[_BASE] = base
    text, number = state[_START]
    return text, f"text {number}"


def _addressed(run: Run | None) -> str:
    """The method that the page's address holds, if any."""
    if run is not None:
        return run.asked.yaml
    try:
        return unpacked(st.query_params["yaml"]) if "yaml" in st.query_params else ""
    except OpensegError as error:
        fault(error)
        return ""


def _shipped(name: str) -> str:
    return find_pipeline(name).read_text("utf-8")


def _by_line(problems: list[Problem]) -> dict[int, str]:
    """What is wrong in each faulty line, with what was probably meant."""
    found: dict[int, list[str]] = {}
    for one in problems:
        said = f"{one.what}: {one.fix}" if one.fix else one.what
        found.setdefault(line_of(one) or 1, []).append(said)
    return {line: "\n".join(said) for line, said in found.items()}


def _show_problems(problems: list[Problem]) -> None:
    if not problems:
        st.success("No faults.", icon=":material/check_circle:")
    for one in problems[:_MANY]:
        line = line_of(one)
        place = f"Line {line}" if line else plain(one.where)
        advice = f" :gray[{plain(one.fix)}]" if one.fix else ""
        st.error(f"**{place}**: {plain(one.what)}{advice}", icon=":material/error:")
    if len(problems) > _MANY:
        st.caption(f"and {len(problems) - _MANY} more")


def _show_graph(graph: Graph | None) -> None:
    """The graph, or the last one that had no faults."""
    if graph is not None:
        st.session_state[_SEEN] = draw(graph)
    if _SEEN not in st.session_state:
        hint("The graph appears here as soon as the method has no faults.")
        return
    if graph is None:
        st.caption(":material/history: The graph before the fault.")
    drawing(st.session_state[_SEEN], key="compose drawing")


def _show_run(run: Run | None, photo: Photo | None, drawn: list[str], prompts: Prompts) -> None:
    job = st.session_state.get(_JOB)
    if job is not None and show_progress(job) and job.result is not None:
        del st.session_state[_JOB]  # what was stopped or failed says so until the next run
        note(job.result)
        yaml = packed(job.result.asked.yaml)  # for when the run is forgotten
        address(run=job.result.id, yaml=yaml)
        st.rerun()
    if photo is None:
        return
    if run is not None and run.photo.digest != photo.digest:
        run = None
    layer = result_layer(run.result, run.id) if run else None
    seen = picture(
        photo,
        layer,
        key=_PICTURE,
        tools=["look", *drawn] if run else [*drawn, "look"],
        prompts=prompts,
        revision=revision(photo),
        on_prompts=lambda: take_clicks(_PICTURE, photo),
        selected=picked(_PICTURE, photo, layer).selected,
    )
    if run is not None:
        link("inside", "Look inside this run", ":material/account_tree:", run=run.id)
        take_away(run, seen.threshold)
