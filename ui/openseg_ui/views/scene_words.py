"""The words a scene is coloured by: asked, answered by the shared models, kept for the session."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from openseg.ops.text import parse_query
from openseg.types.errors import OpensegError
from openseg_ui.server.jobs import Job, State
from openseg_ui.server.scenes_words import ENCODER, Asked, Fit, Vectors
from openseg_ui.session import hub
from openseg_ui.widgets.choices import DEFAULT_WEIGHTS
from openseg_ui.widgets.faults import fault
from openseg_ui.widgets.progress import show_progress

if TYPE_CHECKING:
    from openseg.api.scenes.records import SceneRecord
    from openseg.types import Frames
    from openseg_ui.server.scenes_cloud import Pack

MOST_CHARACTERS = 300

_SHORT = 0.5  # seconds in which most questions are answered: a bar would only flash


def ask_fit(
    key: str,
    record: SceneRecord,
    frames: Frames | None,
    points: Pack,
    start: str,
    weights: Mapping[str, str],
) -> Fit | None:
    """Asks for words, and how well they fit the objects; None without words or an answer.

    Args:
        key: Names the run and the scene.
        record: What was found.
        frames: The scene's frames, or None.
        points: Its points.
        start: The words to begin with.
        weights: Fingerprints of the run's weights, by family.
    """
    text = st.text_input(
        "Colour by words",
        start[:MOST_CHARACTERS],
        max_chars=MOST_CHARACTERS,
        key=f"{key} words",
        placeholder="a thing to sleep on; something that grows",
        disabled=frames is None or not record.instances,
        help="Objects are coloured by how well the words fit what their frames show, by CLIP. "
        "Several phrases, separated by semicolons, count by the one that fits best. The method "
        "does not run again.",
    )
    if frames is None or not text.strip():
        return None
    kept: Fit | None = st.session_state.get(f"{key} fit")
    try:
        words = tuple(phrase.text for phrase in parse_query(text).phrases)
    except OpensegError as error:
        fault(error)
        return kept
    if kept is not None and kept.words == words:
        return kept
    job = _job(key, Asked(key, words, record, frames, points), weights)
    end = time.monotonic() + _SHORT
    while not job.over and time.monotonic() < end:
        time.sleep(0.02)
    if job.state is not State.DONE:
        show_progress(job)
        return kept
    found: Fit = job.result
    st.session_state[f"{key} fit"] = found
    return found


def _job(key: str, asked: Asked, weights: Mapping[str, str]) -> Job:
    """The job that answers; one that answers what is no longer asked is stopped."""
    name = f"{key} job"
    before, job = st.session_state.get(name, ((), None))
    if job is None or before != asked.words:
        if job is not None:
            job.cancel()

        def encoder() -> Any:
            found = hub().weights_of(weights) or DEFAULT_WEIGHTS
            return hub().store(found).load(ENCODER)

        job = hub().line.submit(_vectors().job(asked, encoder))
        st.session_state[name] = (asked.words, job)
    made: Job = job
    return made


@st.cache_resource(show_spinner=False)
def _vectors() -> Vectors:
    return Vectors()
