"""Why an object is there: the frames it was seen in, what they show, how much each counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from openseg.io.drawing.palette import shade_of
from openseg.types.errors import OpensegError
from openseg_ui.server.scenes_views import Seen, best_views, crop_of, seen_in
from openseg_ui.widgets.cloud import MOST_VIEWS
from openseg_ui.widgets.faults import fault, hint, plain
from openseg_ui.widgets.picture import Layer, picture

if TYPE_CHECKING:
    from openseg.api.scenes.records import SceneInstance, SceneRecord, SceneView
    from openseg.types import Frames
    from openseg_ui.server.scenes_cloud import Pack


def show_evidence(
    key: str, record: SceneRecord, row: int, frames: Frames | None, points: Pack
) -> None:
    """Shows what made an object.

    Args:
        key: Names the run and the scene.
        record: What was found.
        row: The object.
        frames: The scene's frames, or None.
        points: Its points.
    """
    one = record.instances[row]
    st.markdown(f"#### {plain(one.phrase or 'object')} :gray[{row}]")
    st.markdown(_facts(one))
    views = best_views(one, MOST_VIEWS)
    if not views or frames is None:
        hint("The run does not say which frames made this object." if frames else _NO_FRAMES)
        return
    more = len(best_views(one, len(one.views))) - len(views)
    also = f"; {more} more counted less" if more else ""
    st.caption(f"Frames it was seen in, the weightiest first{also}. Its own points are outlined.")
    try:
        seen = [_seen(f"{key} {view.frame} {row}", frames, view, one, points) for view in views]
    except OpensegError as error:
        fault(error)
        return
    there = [found for found in seen if found is not None]
    if not there:
        hint("The frames that made it are not in the scene's folder any more.")
        return
    whole, crops = st.columns([3, 2], gap="medium")
    with whole:
        _whole(key, there, one, row)
    with crops:
        _crops(there, row)


_ACROSS = 3

_NO_FRAMES = "The frames of this scene cannot be read, so that what made the object is not shown."


def look_from(key: str) -> tuple[str | None, int]:
    """The frame that was last asked to be looked from, and how often that happened."""
    found: tuple[str | None, int] = st.session_state.get(f"{key} look", (None, 0))
    return found


def _facts(one: SceneInstance) -> str:
    low, high = one.box[:3], one.box[3:]
    sides = " x ".join(f"{b - a:.2f}" for a, b in zip(low, high, strict=True))
    best = f", best in frame {plain(one.views[0].frame)}" if one.views else ""
    count = len({view.frame for view in one.views})
    seen = f"{count} frame{'' if count == 1 else 's'}"
    return f"Score **{one.score:.3f}**, {one.size:,} points, {sides} m, from {seen}{best}"


@st.cache_resource(max_entries=96, show_spinner=False)
def _seen(
    name: str, _frames: Frames, _view: SceneView, _one: SceneInstance, _points: Pack
) -> Seen | None:
    return seen_in(_frames, _view, _one, _points)


def _crops(seen: list[Seen], row: int) -> None:
    columns = st.columns(_ACROSS)
    for place, found in enumerate(seen):
        with columns[place % _ACROSS]:
            st.image(crop_of(found, shade_of(row, 0)), width="stretch")
            st.caption(f"frame {plain(found.view.frame)}, weight {found.view.weight:.2f}")


def _look(key: str, frame: str) -> None:
    st.session_state[f"{key} look"] = (frame, look_from(key)[1] + 1)


def _whole(key: str, seen: list[Seen], one: SceneInstance, row: int) -> None:
    import torch

    by_frame = {found.view.frame: found for found in seen}
    choice, button = st.columns([7, 3], vertical_alignment="bottom")
    frame = choice.segmented_control(
        "Frame", list(by_frame), key=f"{key} {row} frame", default=seen[0].view.frame, required=True
    )
    button.button(
        "Look from here",
        key=f"{key} look from",
        icon=":material/videocam:",
        width="stretch",
        on_click=_look,
        args=(key, frame),
    )
    found = by_frame[str(frame)]
    name = f"{key} {row} {frame}"
    box = torch.tensor([found.view.box])
    mask = torch.from_numpy(found.mask)[None]
    layer = Layer(name, mask, box, [one.phrase or "object"], [one.score], [row])
    picture(found.photo, layer, key=f"{name} picture", selected=0)
    if found.view.region is not None:
        st.caption(f"Region {found.view.region} of the method's regions in this frame said so.")
