"""A case of an evaluation or of a run folder, run again so that one can look inside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
import yaml

from openseg.types.errors import OpensegError, UserError
from openseg_evals.report.reopen import reopen
from openseg_evals.samples import EvalSample
from openseg_ui.server.folders import inside
from openseg_ui.server.images import Photo, from_folder
from openseg_ui.server.jobs import Job
from openseg_ui.server.recorded import photo_of, read_recorded
from openseg_ui.server.runs import Asked, Prompts
from openseg_ui.session import address, hub, note
from openseg_ui.widgets.choices import DEFAULT_WEIGHTS
from openseg_ui.widgets.faults import fault
from openseg_ui.widgets.progress import show_progress


def show_case() -> None:
    """Runs what the page's address names, then goes on with its run."""
    query = st.query_params
    where = tuple(query.get(name, "") for name in ("folder", "method", "unit", "sample"))
    key = f"inside case {where}"
    if key not in st.session_state:
        try:
            st.session_state[key] = (
                _of_unit(*where[:3]) if where[2] else _of_run(where[0], where[3])
            )
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


def _of_unit(folder: str, pipeline: str, unit: str) -> Job:
    """A unit of an evaluation, with one of its pipelines."""
    settings = hub().settings
    if settings.data is None:
        raise UserError("the data sets are not at hand", fix="start the server with --data")
    found = reopen(inside(folder, settings.roots))
    methods = found.identity["pipelines"]
    if pipeline not in methods:
        raise UserError(f"the evaluation has no pipeline '{pipeline}'", fix="choose one of it")
    sample = found.sample(unit, Path(settings.data))
    if not isinstance(sample, EvalSample):
        raise UserError("this is a unit of a scene", fix="look at the scene on the page Scene")
    photo = from_folder(sample.image, megapixels=settings.megapixels)
    text = "; ".join(sample.phrases)
    return _submit(methods[pipeline], found.identity["weights"], text, Prompts(), photo)


def _of_run(folder: str, sample: str) -> Job:
    """An image of a run folder, as it was asked for."""
    settings = hub().settings
    found = read_recorded(inside(folder, settings.roots))
    record = found.record(sample)
    if record is None:
        raise UserError(f"the run has no image '{sample}'", fix="choose one of it")
    photo = photo_of(record, settings.roots, settings.megapixels)
    identity = found.summary["identity"]
    drawn = Prompts(
        points=_tuples(identity.get("points")),
        boxes=_tuples(identity.get("boxes")),
        scribbles=_tuples(identity.get("scribbles")),
        negative_points=_tuples(identity.get("negative_points")),
    )
    return _submit(identity["method"], identity["weights"], identity["text"], drawn, photo)


def _tuples(value: Any) -> Any:
    """Lists of lists as tuples of tuples; nothing as no rows."""
    if value is None:
        return ()
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _submit(
    method: Mapping[str, Any],
    fingerprints: Mapping[str, str],
    text: str | None,
    drawn: Prompts,
    photo: Photo,
) -> Job:
    """Runs a resolved method; one that is not as shipped is taken for one of a browser."""
    weights = hub().weights_of(fingerprints)
    if weights is None:
        weights = DEFAULT_WEIGHTS
        st.toast("The weights or the code are not those of that run: it may differ.")
    name = str(method["name"])
    shipped = hub().is_shipped(name, method)
    yaml_ = "" if shipped else yaml.safe_dump(dict(method), sort_keys=False, allow_unicode=True)
    asked = Asked(name, weights, (), text, photo.digest, photo.name, drawn, yaml_)
    return hub().submit(asked, photo)
