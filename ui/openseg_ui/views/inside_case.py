"""A case of an evaluation, run again so that one can look inside it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from openseg.types.errors import OpensegError, UserError
from openseg_ui.server.cases import read_samples
from openseg_ui.server.evaluations import read_evaluation
from openseg_ui.server.folders import inside
from openseg_ui.server.images import from_folder
from openseg_ui.server.jobs import Job
from openseg_ui.server.runs import Asked
from openseg_ui.session import hub
from openseg_ui.widgets.faults import fault
from openseg_ui.widgets.progress import show_progress


def show_case() -> None:
    """Runs the case that the page's address names, then goes on with its run."""
    query = st.query_params
    where = (query.get("folder", ""), query.get("pipeline", ""), query["unit"])
    key = f"inside case {where}"
    if key not in st.session_state:
        try:
            st.session_state[key] = _start(*where)
        except OpensegError as error:
            fault(error)
            return
    job = st.session_state[key]
    if show_progress(job):
        if job.result is not None:
            query.from_dict({"run": job.result.id})
            st.rerun()
        del st.session_state[key]


def _start(folder: str, pipeline: str, unit: str) -> Job:
    settings = hub().settings
    if settings.data is None:
        raise UserError("the data sets are not at hand", fix="start the server with --data")
    found = read_evaluation(inside(folder, settings.roots))
    sample = read_samples(found, Path(settings.data)).of_unit(unit)
    photo = from_folder(sample.image, megapixels=settings.megapixels)
    text = "; ".join(sample.phrases)
    asked = Asked(pipeline, "mini", (), text, (), (), photo.digest, photo.name)
    return hub().submit(asked, photo)
