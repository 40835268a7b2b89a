"""Scene: what a method found in a posed RGB-D scene, as points one turns and flies through."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from openseg.types.errors import OpensegError
from openseg_ui.server.folders import inside
from openseg_ui.server.images import from_folder
from openseg_ui.server.recorded import SUMMARY
from openseg_ui.server.scenes import (
    SceneRun,
    cloud_of,
    frames_of,
    read_scene_run,
    scene_folders,
)
from openseg_ui.server.scenes_cloud import LEAST_OF_OBJECT, Pack, pack
from openseg_ui.session import address, hub
from openseg_ui.views.scene_evidence import look_from, show_evidence
from openseg_ui.views.scene_words import ask_fit
from openseg_ui.widgets.cloud import Wished, cloud, path_of, send_points, wished_of
from openseg_ui.widgets.faults import fault, hint, plain

if TYPE_CHECKING:
    from openseg.api.scenes.records import SceneRecord
    from openseg.types import Frames
    from openseg_ui.server.scenes_words import Fit

_READING = threading.Lock()
"""One cloud is read at a time: large ones take much memory for a moment."""


def page() -> None:
    """Draws the page."""
    with st.sidebar:
        folder = _choose_folder()
    if folder is None:
        return
    try:
        run = read_scene_run(folder)
    except OpensegError as error:
        fault(error)
        return
    if not run.records:
        hint("No scene is in this folder yet: the run has just begun, or was stopped at once.")
        return
    with st.sidebar:
        record = _choose_record(run)
    _head(run, record)
    if record.error is not None:
        st.error(plain(record.error), icon=":material/error:")
        return
    _show(run, record)


def _choose_folder() -> Path | None:
    roots = hub().settings.roots
    folders = scene_folders(roots)
    if not folders:
        hint("No run on scenes lies in the folders of this server. Make one, then look here:")
        st.code(
            'openseg run lift_only --scene scans/scene0000_00 --text "chair; table"',
            language="bash",
        )
        st.caption("Folders: " + plain(", ".join(str(root) for root in roots)))
        return None
    chosen = folders[0]
    if (given := st.query_params.get("folder")) is not None:
        try:
            chosen = inside(given, roots)
        except OpensegError as error:
            fault(error)
    if chosen not in folders:
        folders = [chosen, *folders]
    place = folders.index(chosen)
    return st.selectbox("Run", folders, place, format_func=_name, key="scene folder")


def _name(folder: Path) -> str:
    """A folder below a root as seen from there."""
    for root in (one.resolve() for one in hub().settings.roots):
        if folder.is_relative_to(root) and folder != root:
            return str(folder.relative_to(root))
    return folder.name


def _choose_record(run: SceneRun) -> SceneRecord:
    records = {one.id: one for one in run.records}
    names = list(records)
    here = st.query_params.get("folder", str(run.folder)) == str(run.folder)
    given = st.query_params.get("scene", names[0]) if here else names[0]
    if given not in records:
        st.warning(f"This run has no scene {plain(given)}.")
    place = names.index(given) if given in records else 0
    return records[st.selectbox("Scene", names, place, key=f"scene of {run.folder}")]


def _head(run: SceneRun, record: SceneRecord) -> None:
    text = run.summary["identity"].get("text")
    words = f", asked for “{plain(text)}”" if text else ""
    state = "" if run.summary.get("finished") else " :orange-badge[not finished]"
    counts = f"{len(record.instances)} objects in {record.points:,} points, {record.frames} frames"
    st.markdown(f"**{plain(run.method)}** on {plain(record.id)}{words}: {counts}{state}")
    if record.problems:
        with st.expander(f"{len(record.problems)} faults of this scene", icon=":material/warning:"):
            for one in record.problems:
                st.markdown(f"{plain(one.where)}: {plain(one.what)} ({plain(one.fix)})")


def _show(run: SceneRun, record: SceneRecord) -> None:
    when = (run.folder / SUMMARY).stat().st_mtime_ns
    key = f"scene {run.folder} {record.id} {when}"
    frames, without = _frames(key, record)
    try:
        with st.spinner("Reading the points"):
            points, copied = _points(key, run, record, frames)
    except OpensegError as error:
        fault(error)
        _overlay(run, record)
        return
    start = _start(key, run, record)
    fit = ask_fit(key, record, frames, points, start.words, run.summary["identity"]["weights"])
    if notes := [copied, without, *_remarks(points)]:
        st.caption(" ".join(one for one in notes if one))
    files = send_points(key, points)
    _draw(key, run, record, points, files, _path(key, record, frames, points), fit, start)
    row = wished_of(key, record, start).selected
    if row is not None:
        show_evidence(key, record, row, frames, points)
    elif record.instances:
        hint("Click an object, or its row in the table, to see the frames that made it.")


@st.fragment
def _draw(
    key: str,
    run: SceneRun,
    record: SceneRecord,
    points: Pack,
    files: list[str],
    path: Mapping[str, Any],
    fit: Fit | None,
    start: Wished,
) -> None:
    """The scene; what one does in it runs nothing else, but to choose an object."""
    now = cloud(
        record,
        points,
        key=key,
        files=files,
        path=path,
        fit=fit,
        start=start,
        look_from=look_from(key),
    )
    query = {
        "folder": str(run.folder),
        "scene": record.id,
        "colour": now.colour,
        "object": "" if now.selected is None else str(now.selected),
        "query": st.session_state.get(f"{key} words", ""),
        "camera": now.camera,
    }
    address(**{name: value for name, value in query.items() if value})
    before = st.session_state.setdefault(f"{key} shown", start.selected)
    st.session_state[f"{key} shown"] = now.selected
    if now.selected != before:
        st.rerun(scope="app")


def _start(key: str, run: SceneRun, record: SceneRecord) -> Wished:
    """What the address asked for when the session came to this scene."""
    name = f"{key} start"
    if name not in st.session_state:
        query = st.query_params
        here = query.get("folder", str(run.folder)) == str(run.folder)
        here = here and query.get("scene", record.id) == record.id
        text = query.get("object", "") if here else ""
        row = int(text) if text.isdecimal() and len(text) < 9 else -1
        st.session_state[name] = Wished(
            row if 0 <= row < len(record.instances) else None,
            query.get("colour", "") if here else "",
            query.get("camera", "")[:80] if here else "",
            query.get("query", "") if here else "",
        )
        if here and text and st.session_state[name].selected is None:
            st.warning(f"This scene has no object {plain(text)}.")
    found: Wished = st.session_state[name]
    return found


@st.cache_resource(max_entries=8, show_spinner=False)
def _frames(key: str, _record: SceneRecord) -> tuple[Frames | None, str]:
    """The scene's frames; if they cannot be had, why."""
    try:
        return frames_of(_record, hub().settings.roots), ""
    except OpensegError as error:
        what = f"{Path(error.where or '').name} {error.what}".strip()
        return None, f"The frames cannot be shown: {plain(what)}."


@st.cache_resource(max_entries=4, show_spinner=False)
def _points(
    key: str, _run: SceneRun, _record: SceneRecord, _frames: Frames | None
) -> tuple[Pack, str]:
    """The points, and what should be known of them."""
    with _READING:
        found, note = cloud_of(_run, _record, hub().settings.roots)
        poses = np.zeros((0, 4, 4), np.float32) if _frames is None else _frames.poses.numpy()
        return pack(found, _record, poses), note


@st.cache_resource(max_entries=8, show_spinner=False)
def _path(
    key: str, _record: SceneRecord, _frames: Frames | None, _points: Pack
) -> Mapping[str, Any]:
    return path_of(_frames, _record, _points.turn)


def _remarks(points: Pack) -> list[str]:
    remarks = []
    if points.count + points.dropped < points.total:
        remarks.append(
            f"{points.count:,} of {points.total:,} points are shown, chosen at random; every "
            f"object keeps at least {LEAST_OF_OBJECT:,} of those it has."
        )
    if points.dropped:
        remarks.append(f"{points.dropped:,} points have no finite place and are left out.")
    return remarks


def _overlay(run: SceneRun, record: SceneRecord) -> None:
    """The picture that the run drew, where the points themselves cannot be had."""
    try:
        path = inside(f"{record.id}.png", [run.folder / "overlay"])
        picture = from_folder(path, megapixels=hub().settings.megapixels).picture
    except OpensegError:
        return
    st.image(picture, caption="The scene from above, as the run drew it.")
