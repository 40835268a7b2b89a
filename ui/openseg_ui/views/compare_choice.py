"""What to compare: methods that are run now, runs of this session, or folders of runs.

The page's address names what is compared, so that another browser shows the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from openseg.types import TextQuery
from openseg.types.errors import OpensegError
from openseg_ui.server.folders import folders_with, inside
from openseg_ui.server.images import Photo
from openseg_ui.server.jobs import State
from openseg_ui.server.recorded import SUMMARY, Recorded, read_recorded
from openseg_ui.server.runs import Asked, Run
from openseg_ui.session import address, hub, made_runs, note
from openseg_ui.views.compared import Compared, of_folder, of_run
from openseg_ui.widgets.choices import ask_words, choose_weights
from openseg_ui.widgets.faults import fault, hint, plain
from openseg_ui.widgets.image_choice import choose_image
from openseg_ui.widgets.progress import show_progress

LEAST, MOST = 2, 6
METHODS, RUNS, FOLDERS = "Methods", "Your runs", "Run folders"
_JOBS = "compare jobs"


def chosen_runs() -> list[Compared]:
    """Shows the ways to choose, and what is being run; gives what can be compared so far."""
    addressed = _addressed()
    given = FOLDERS if "folder" in st.query_params else METHODS
    with st.sidebar:
        way = st.segmented_control(
            "Compare", [METHODS, RUNS, FOLDERS], default=given, required=True, key="compare way"
        )
        if way == FOLDERS:
            return _of_folders()
        if way == RUNS:
            return [of_run(run) for run in _of_session(addressed)]
        _ask_methods(addressed)
    _go_on()
    return [of_run(run) for run in addressed]


def _addressed() -> list[Run]:
    """The runs that the page's address names."""
    ids = [one for one in st.query_params.get("runs", "").split(",") if one][:MOST]
    found = [run for one in ids if (run := hub().runs.find(one)) is not None]
    if len(found) < len(ids):
        st.warning("Some runs of this address are not on this server any more.")
    return found


def _ask_methods(runs: Sequence[Run]) -> None:
    """Methods that take words only: the same question can be put to all of them."""
    names = [name for name in hub().methods if _takes_words(name)]
    first = runs[0] if runs else None
    weights = choose_weights(first)
    before = [run.asked.method for run in runs if run.asked.method in names]
    able = [name for name in names if not _missing(name, weights)]
    methods = st.multiselect(
        "Methods",
        names,
        list(dict.fromkeys(before)) or able[:LEAST],
        max_selections=MOST,
        key="compare methods",
    )
    photo = choose_image(first)
    text = ask_words(first)
    missing = {str(one): one for name in methods for one in _missing(name, weights)}
    for error in missing.values():
        fault(error)
    ready = photo is not None and LEAST <= len(methods) <= MOST and not missing
    if st.button("Run all", type="primary", width="stretch", disabled=not ready) and photo:
        _start(methods, weights, photo, text)


def _takes_words(name: str) -> bool:
    try:
        return TextQuery in hub().graph(name).inputs.values()
    except OpensegError:
        return False


def _missing(name: str, weights: str) -> list[OpensegError]:
    return hub().missing(hub().graph(name), weights)


def _start(methods: Sequence[str], weights: str, photo: Photo, text: str) -> None:
    for job in st.session_state.get(_JOBS, []):
        job.cancel()
    asked = [Asked(one, weights, (), text, photo.digest, photo.name) for one in methods]
    st.session_state[_JOBS] = [hub().submit(one, photo) for one in asked]


def _go_on() -> None:
    """Shows the first job that is not over; when all are, the address names their runs."""
    jobs = st.session_state.get(_JOBS)
    if not jobs:
        return
    if any(job.state is State.CANCELLED for job in jobs):  # who stops one, stops them all
        for job in jobs:
            job.cancel()
    for place, job in enumerate(jobs):
        if not job.over:
            st.caption(f"{plain(job.title)}: {place + 1} of {len(jobs)}")
            show_progress(job)
            return
    for job in jobs:
        if job.result is None:
            show_progress(job)
        else:
            note(job.result)
    if all(job.result is not None for job in jobs):
        del st.session_state[_JOBS]  # what was stopped or failed says so until the next run
        address(runs=",".join(job.result.id for job in jobs))
        st.rerun()


def _of_session(addressed: Sequence[Run]) -> list[Run]:
    """Runs this session made, and those of the address."""
    known = {run.id: run for run in (*addressed, *made_runs())}
    if len(known) < LEAST:
        hint("Run methods on one image on the page Try, then compare the runs here.")
        return []
    begin = [run.id for run in addressed] or list(known)[:LEAST]
    ids = st.multiselect(
        "Runs", list(known), begin, max_selections=MOST, key="compare runs",
        format_func=lambda one: _said(known[one]),
    )  # fmt: skip
    address(runs=",".join(ids))
    return [known[one] for one in ids]


def _said(run: Run) -> str:
    words = f", {run.asked.text}" if run.asked.text else ""
    return f"{run.title}: {run.asked.image_name}{words}"


def _of_folders() -> list[Compared]:
    """One image of several run folders."""
    settings = hub().settings
    folders = folders_with(SUMMARY, settings.roots)
    begin = _folders_of_address(settings.roots)
    folders += [one for one in begin if one not in folders]
    if len(folders) < LEAST:
        hint("There are no two runs in the folders of this server: make them with openseg run.")
        return []
    chosen = st.multiselect(
        "Run folders", folders, begin or folders[:LEAST], max_selections=MOST,
        key="compare folders", format_func=lambda one: one.name,
    )  # fmt: skip
    found = [one for folder in chosen if (one := _read(folder)) is not None]
    samples = _shared(found)
    if not samples:
        hint("These runs have no image in common.")
        return []
    given = st.query_params.get("sample", samples[0])
    place = samples.index(given) if given in samples else 0
    sample = st.selectbox("Image", samples, place, key="compare sample")
    address(folder=[str(one) for one in chosen], sample=sample)
    compared = []
    for one in found:
        try:
            compared.append(of_folder(one, sample, settings.roots, settings.megapixels))
        except OpensegError as error:
            fault(error)
    return compared


def _folders_of_address(roots: Sequence[Path]) -> list[Path]:
    found = []
    for text in st.query_params.get_all("folder")[:MOST]:
        try:
            found.append(inside(text, roots))
        except OpensegError as error:
            fault(error)
    return list(dict.fromkeys(found))


def _read(folder: Path) -> Recorded | None:
    try:
        return read_recorded(folder)
    except OpensegError as error:
        fault(error)
        return None


def _shared(found: Sequence[Recorded]) -> list[str]:
    """Ids of the images that all runs have, in the first run's order."""
    if not found:
        return []
    others = [{record.id for record in one.records} for one in found[1:]]
    return [one.id for one in found[0].records if all(one.id in ids for ids in others)]
