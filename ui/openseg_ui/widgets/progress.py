"""A job while it waits and runs: its place in the line, its stages, a way to stop it."""

from __future__ import annotations

import streamlit as st

from openseg_ui.server.jobs import Job, State
from openseg_ui.session import hub
from openseg_ui.widgets.faults import fault, plain

_EVERY = 0.4
_ICONS = {
    "waiting": ":material/radio_button_unchecked:",
    "running": ":material/progress_activity:",
    "done": ":material/check_circle:",
}


def show_progress(job: Job) -> bool:
    """Shows a job; the page runs again when it is over.

    Returns:
        Whether it is over.
    """
    if not job.over:
        _watch(job)
        return False
    if job.state is State.CANCELLED:
        st.info("The run was stopped.", icon=":material/cancel:")
    elif job.error is not None:
        fault(job.error)
    return True


@st.fragment(run_every=_EVERY)
def _watch(job: Job) -> None:
    if job.over:
        st.rerun(scope="app")
    with st.container(border=True):
        head, stop = st.columns([5, 1], vertical_alignment="center")
        if stop.button("Stop", icon=":material/stop_circle:", key="stop", width="stretch"):
            job.cancel()
        ahead = hub().line.ahead_of(job)
        if job.state is State.WAITING:
            names = ", ".join(plain(one.title) for one in ahead)
            head.markdown(f"Waiting for {len(ahead)} before you: {names}" if ahead else "Starting")
            return
        done = sum(one.state == "done" for one in job.stages.values())
        total = len(job.stages) or 1
        head.progress(done / total, _remark(job))
        st.markdown(
            "&emsp;".join(
                f"{_ICONS[one.state]} {plain(one.name)}"
                + (f" :gray[{one.seconds:.1f} s]" if one.state == "done" else "")
                for one in list(job.stages.values())
            )
        )


def _remark(job: Job) -> str:
    running = [one.name for one in list(job.stages.values()) if one.state == "running"]
    if running:
        return f"Running {plain(running[0])}" + (f" ({plain(job.note)})" if job.note else "")
    return "Loading the library" if not job.stages else "Preparing"
