"""Compare: two to six methods on the same image, zoomed together, and where they agree."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from openseg.graph.loader import pipeline_names
from openseg.types import TextQuery
from openseg.types.errors import OpensegError
from openseg_ui.server.agreement import agreement, parts
from openseg_ui.server.images import Photo
from openseg_ui.server.runs import Asked, Run
from openseg_ui.session import hub, link
from openseg_ui.views.try_ import DEFAULT_TEXT
from openseg_ui.views.try_image import choose_image
from openseg_ui.widgets.faults import fault, hint, plain
from openseg_ui.widgets.layers import result_layer
from openseg_ui.widgets.picture import Layer, picture
from openseg_ui.widgets.progress import show_progress

LEAST, MOST = 2, 6
_JOBS = "compare jobs"


def page() -> None:
    """Draws the page."""
    runs = _addressed()
    with st.sidebar:
        methods = _choose_methods(runs)
        photo = choose_image(runs[0] if runs else None)
        words = runs[0].asked.text if runs else None
        text = st.text_area("Look for", words or DEFAULT_TEXT, height=80, max_chars=2000)
        ready = photo is not None and LEAST <= len(methods) <= MOST
        if st.button("Run all", type="primary", width="stretch", disabled=not ready) and photo:
            _start(methods, photo, text)
    _go_on()
    if len(runs) < LEAST:
        hint(f"Choose {LEAST} to {MOST} methods on the left, then press Run all.")
        if photo is not None:
            picture(photo, key="compare photo")
        return
    if len({run.photo.digest for run in runs}) > 1:
        st.warning("These runs are of different images, so that they cannot be compared.")
        return
    side, together = st.tabs(["Side by side", "Agreement"])
    with side:
        _side_by_side(runs)
    with together:
        _agreement(runs)


def _addressed() -> list[Run]:
    """The runs that the page's address names."""
    ids = st.query_params.get("runs", "").split(",")[:MOST]
    found = [run for one in ids if one and (run := hub().runs.find(one)) is not None]
    if len(found) < len([one for one in ids if one]):
        st.warning("Some runs of this address are not on this server any more.")
    return found


def _choose_methods(runs: Sequence[Run]) -> list[str]:
    """Methods that take words only: the same question can be put to all of them."""
    names = [name for name in pipeline_names() if _takes_words(name)]
    before = [run.asked.method for run in runs if run.asked.method in names]
    return st.multiselect(
        "Methods", names, before or names[:LEAST], max_selections=MOST, key="compare methods"
    )


def _takes_words(name: str) -> bool:
    try:
        graph = hub().graph(name)
    except OpensegError:
        return False
    return TextQuery in graph.inputs.values() and not hub().missing(graph, "mini")


def _start(methods: Sequence[str], photo: Photo, text: str) -> None:
    for job in st.session_state.get(_JOBS, []):
        job.cancel()
    asked = [Asked(one, "mini", (), text, (), (), photo.digest, photo.name) for one in methods]
    st.session_state[_JOBS] = [hub().submit(one, photo) for one in asked]


def _go_on() -> None:
    """Shows the first job that is not over; when all are, the address names their runs."""
    jobs = st.session_state.get(_JOBS)
    if not jobs:
        return
    for place, job in enumerate(jobs):
        if not job.over:
            st.caption(f"{plain(job.title)}: {place + 1} of {len(jobs)}")
            show_progress(job)
            return
    del st.session_state[_JOBS]
    done = [job.result for job in jobs if job.result is not None]
    for job in jobs:
        if job.error is not None:
            fault(job.error)
    if len(done) == len(jobs):
        st.query_params["runs"] = ",".join(run.id for run in done)
        st.rerun()


def _side_by_side(runs: Sequence[Run]) -> None:
    across = 2 if len(runs) in {2, 4} else 3
    for first in range(0, len(runs), across):
        for column, run in zip(st.columns(across), runs[first : first + across], strict=False):
            with column:
                seconds = f"{sum(run.seconds.values()):.2f} s"
                title = f"**{plain(run.asked.method)}** :gray[{len(run.result)} masks, {seconds}]"
                st.markdown(title)
                layer = result_layer(run.result, run.id)
                picture(run.photo, layer, key=f"compare {run.id}", group="compare")
                link("inside", "Look inside", ":material/account_tree:", run=run.id)


def _agreement(runs: Sequence[Run]) -> None:
    found = agreement(runs)
    names = [f"{i} {run.asked.method}" for i, run in enumerate(runs, start=1)]
    masks = parts(found, runs)
    labels = ["all agree", "some differ", *(f"only {name}" for name in names)]
    left, right = st.columns([3, 2])
    with left:
        layer = Layer(" ".join(run.id for run in runs), masks, labels=labels)
        picture(runs[0].photo, layer, key="compare agreement", named=False)
    with right:
        numbers = [str(i) for i in range(1, len(runs) + 1)]
        st.markdown("##### Overlap :gray[IoU of what two runs cover]")
        table = pd.DataFrame(found.iou, index=names, columns=numbers)
        form = {name: st.column_config.NumberColumn(name, format="%.3f") for name in numbers}
        st.dataframe(table, column_config=form)
        st.caption("Point at a name below the picture to see one part alone.")
