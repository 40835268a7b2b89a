"""A case of an evaluation, run again so that one can look inside it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
import yaml

from openseg.types.errors import OpensegError, UserError
from openseg_evals.report.reopen import reopen
from openseg_ui.server.folders import inside
from openseg_ui.server.images import from_folder
from openseg_ui.server.jobs import Job
from openseg_ui.server.runs import Asked
from openseg_ui.session import address, hub, note
from openseg_ui.widgets.choices import DEFAULT_WEIGHTS
from openseg_ui.widgets.faults import fault
from openseg_ui.widgets.progress import show_progress


def show_case() -> None:
    """Runs the case that the page's address names, then goes on with its run."""
    query = st.query_params
    where = (query.get("folder", ""), query.get("method", ""), query["unit"])
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
            note(job.result)
            address(run=job.result.id)
            st.rerun()
        del st.session_state[key]


def _start(folder: str, pipeline: str, unit: str) -> Job:
    settings = hub().settings
    if settings.data is None:
        raise UserError("the data sets are not at hand", fix="start the server with --data")
    found = reopen(inside(folder, settings.roots))
    methods = found.identity["pipelines"]
    if pipeline not in methods:
        raise UserError(f"the evaluation has no pipeline '{pipeline}'", fix="choose one of it")
    sample = found.sample(unit, Path(settings.data))
    photo = from_folder(sample.image, megapixels=settings.megapixels)
    text = "; ".join(sample.phrases)
    weights = hub().weights_of(found.identity["weights"])
    if weights is None:
        weights = DEFAULT_WEIGHTS
        st.toast("The weights or the code are not those of the evaluation: numbers may differ.")
    method = methods[pipeline]
    shipped = hub().is_shipped(pipeline, method)
    yaml_ = "" if shipped else yaml.safe_dump(method, sort_keys=False, allow_unicode=True)
    asked = Asked(pipeline, weights, (), text, photo.digest, photo.name, yaml=yaml_)
    return hub().submit(asked, photo)
