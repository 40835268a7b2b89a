"""Runs: what `openseg run` left in folders, image by image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from openseg.api.records import Record
from openseg.types.errors import OpensegError
from openseg_ui.server.folders import folders_with, inside
from openseg_ui.server.recorded import (
    SUMMARY,
    Recorded,
    overlay_of,
    photo_of,
    read_recorded,
)
from openseg_ui.session import hub, link
from openseg_ui.widgets.faults import fault, hint, plain
from openseg_ui.widgets.layers import record_layer
from openseg_ui.widgets.picture import picked, picture


def page() -> None:
    """Draws the page."""
    with st.sidebar:
        folder = _choose_folder()
    if folder is None:
        return
    try:
        found = read_recorded(folder)
    except OpensegError as error:
        fault(error)
        return
    if not found.records:
        hint("Nothing is in this folder yet: the run has just begun, or was stopped at once.")
        return
    with st.sidebar:
        record = _choose_record(found)
    _head(found)
    _show(found, record)
    _cost(found.summary)


def _choose_folder() -> Path | None:
    roots = hub().settings.roots
    folders = folders_with(SUMMARY, roots)
    if not folders:
        hint("No run lies in the folders of this server. Make one, then look here:")
        st.code('openseg run grounded_sam --image photos --text "the red cup"', language="bash")
        return None
    chosen = folders[0]
    if (given := st.query_params.get("folder")) is not None:
        try:
            chosen = inside(given, roots)
        except OpensegError as error:
            fault(error)
    if chosen not in folders:
        folders = [chosen, *folders]
    folder = st.selectbox(
        "Run", folders, folders.index(chosen), format_func=lambda one: one.name, key="runs folder"
    )
    st.query_params["folder"] = str(folder)
    return folder


def _choose_record(found: Recorded) -> Record:
    records = {one.id: one for one in found.records}
    names = list(records)
    given = st.query_params.get("sample", names[0])
    place = names.index(given) if given in records else 0
    name = st.selectbox("Image", names, place, key=f"runs image {found.folder}")
    st.query_params["sample"] = name
    return records[name]


def _head(found: Recorded) -> None:
    identity = found.summary["identity"]
    failed = sum(one.error is not None for one in found.records)
    regions = sum(len(one.regions) for one in found.records)
    words = f", asked for “{plain(identity['text'])}”" if identity.get("text") else ""
    state = "" if found.summary.get("finished") else " :orange-badge[not finished]"
    st.markdown(
        f"**{plain(found.method)}**{words}: {_count(len(found.records), 'image')}, "
        f"{_count(regions, 'region')}, {failed} failed{state}"
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _show(found: Recorded, record: Record) -> None:
    if record.error is not None:
        st.error(plain(record.error), icon=":material/error:")
        return
    settings = hub().settings
    try:
        photo = photo_of(record, settings.roots, settings.megapixels)
    except OpensegError as error:
        overlay = overlay_of(found, record, settings.megapixels)
        if overlay is not None:
            picture(overlay, key=f"runs overlay {found.folder} {record.id}")
        st.caption(f"The image itself cannot be shown: {plain(error)}")
        return
    layer = record_layer(record, f"{found.folder} {record.id}")
    key = f"runs {found.folder} {record.id}"
    picture(photo, layer, key=key, selected=picked(key, photo, layer).selected)
    where = {"folder": str(found.folder), "sample": record.id}
    link("inside", "Run it again and look inside", ":material/account_tree:", **where)


def _cost(summary: Mapping[str, Any]) -> None:
    nodes = summary.get("nodes")
    if not nodes:
        return
    with st.expander("What it cost", icon=":material/timer:"):
        rows = [
            {
                "node": name,
                "computed": one["computed"],
                "from cache": one["cached"],
                "seconds": round(one["seconds"], 2),
                "peak MB": round(one["peak_bytes"] / 2**20),
            }
            for name, one in nodes.items()
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True)
