"""The scene: a cloud that is turned and flown through, objects chosen, colours changed at once.

A component drawn in the browser by WebGL 2, or without it where no graphics card is at hand. The
points travel once, as files; everything else is small.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from streamlit.runtime import get_instance

from openseg.api.scenes.clear import SHARE
from openseg_ui.server.scenes_cloud import SECTORS, members
from openseg_ui.server.scenes_views import best_views
from openseg_ui.widgets.cloud_colours import Scale, class_colours, object_colours, scale_of

if TYPE_CHECKING:
    from openseg.api.scenes.records import SceneRecord
    from openseg.types import Frames
    from openseg_ui.server.scenes_cloud import Pack
    from openseg_ui.server.scenes_words import Fit

MODES = ("photo", "objects", "classes", "score", "query")
"""What colours may say."""

MOST_FRAMES = 300
"""Frames of the camera's path that are sent, besides those that objects were seen in."""

MOST_VIEWS = 6
"""Frames of each object that are shown."""

_FILES = ("cloud.js", "cloud_side.js", "cloud_camera.js", "cloud_points.js")
_DRAWERS = ("cloud_gpu.js", "cloud_cpu.js")


@dataclass(frozen=True)
class Wished:
    """How a scene is looked at.

    Attributes:
        selected: The chosen object, or None.
        colour: What colours say, of `MODES`.
        camera: From where it is looked at, as it stands in an address; empty for the whole scene.
        words: What objects are coloured by; empty for nothing.
    """

    selected: int | None = None
    colour: str = ""
    camera: str = ""
    words: str = ""


def send_points(key: str, pack: Pack) -> list[str]:
    """Hands the points to the server of files; gives their addresses.

    They stay there as long as a page that was drawn with them is open.

    Args:
        key: Names the run and the scene.
        pack: The points.
    """
    files = get_instance().media_file_mgr
    kind = "application/octet-stream"
    return [files.add(part, kind, f"{key} {i}") for i, part in enumerate(pack.parts)]


def path_of(frames: Frames | None, record: SceneRecord, turn: Any) -> dict[str, Any]:
    """The path of the camera as the browser draws it: some of the frames, and all that matter.

    Args:
        frames: The frames, or None.
        record: What was found: frames that objects were seen in are sent in any case.
        turn: float64 `[3, 3]`: from the scene's axes to the drawn ones.
    """
    if frames is None or not len(frames):
        return {"names": [], "poses": [], "fovs": [], "aspects": []}
    named = {view.frame for one in record.instances for view in best_views(one, MOST_VIEWS)}
    step = max(1, -(-len(frames) // MOST_FRAMES))
    rows = [i for i, name in enumerate(frames.names) if i % step == 0 or name in named]
    poses = frames.poses.numpy(force=True)[rows, :3].astype(np.float64)
    poses = np.einsum("ij,fjk->fik", turn, poses)
    sizes = [frames.color_size[i] for i in rows]
    focal = [float(frames.color_k[i, 1, 1]) for i in rows]
    pairs = list(zip(sizes, focal, strict=True))
    return {
        "names": [frames.names[i] for i in rows],
        "poses": poses.reshape(-1).round(4).tolist(),
        "fovs": [round(2 * float(np.arctan(h / 2 / f)), 4) for (h, _), f in pairs],
        "aspects": [round(w / h, 4) for (h, w), _ in pairs],
    }


def cloud(
    record: SceneRecord,
    pack: Pack,
    *,
    key: str,
    files: Sequence[str],
    path: Mapping[str, Any],
    fit: Fit | None,
    start: Wished,
    look_from: tuple[str | None, int] = (None, 0),
) -> Wished:
    """Shows a scene.

    Args:
        record: What was found.
        pack: The points.
        key: Names the run and the scene; Streamlit's key as well.
        files: Addresses of the points, from `send_points`.
        path: The camera's path, from `path_of`.
        fit: How well words fit the objects, or None; new words are shown as they come.
        start: What is shown to begin with.
        look_from: A frame, and how often such a thing was asked for: a new number flies there.

    Returns:
        What is shown now.
    """
    now = wished_of(key, record, start, fit)
    names = list(path["names"])
    row = now.selected
    views = best_views(record.instances[row], MOST_VIEWS) if row is not None else []
    frame, turn = look_from
    _component()(
        key=key,
        data={
            "key": key,
            "revision": _revision(key, fit),
            "parts": list(files),
            "cloud": _cloud(pack),
            "objects": _objects(record, pack),
            **_colours(record, fit),
            "frames": dict(path),
            "seen": [names.index(one.frame) for one in views if one.frame in names],
            "selected": row,
            "least": least_shown(record),
            "shared": "" if row is None else _shared(key, row, record, pack),
            "colour": now.colour,
            "camera": now.camera,
            "go": {"frame": names.index(frame) if frame in names else None, "turn": turn},
            "label": f"Scene {record.id}: {pack.count} points, {len(record.instances)} objects. "
            "Arrow keys turn it, N chooses the next object.",
        },
        on_selected_change=_nothing,
        on_colour_change=_nothing,
        on_camera_change=_nothing,
    )
    return now


def wished_of(key: str, record: SceneRecord, start: Wished, fit: Fit | None = None) -> Wished:
    """What is shown now, after what the user did; a browser may send anything.

    Args:
        key: As in `cloud`.
        record: What was found.
        start: What was shown to begin with.
        fit: As in `cloud`.
    """
    selected, colour, camera = start.selected, start.colour, start.camera
    if state := _state(key, "selected", key):
        row = state.get("row")
        selected = row if isinstance(row, int) and 0 <= row < len(record.instances) else None
    words = "; ".join(fit.words) if fit else ""
    if words and (words != start.words or not colour):
        colour = "query"  # new words want to be seen
    mode = _state(key, "colour", _revision(key, fit)).get("mode", colour)
    known = mode in MODES and (mode != "query" or fit is not None)
    text = _state(key, "camera", key).get("text")
    camera = text[:80] if isinstance(text, str) else camera
    return Wished(selected, mode if known else "objects", camera, words)


def least_shown(record: SceneRecord) -> float:
    """The score that hides what is much less sure than the surest object, in hundredths."""
    best = max((one.score for one in record.instances), default=0.0)
    return math.floor(100 * SHARE * best) / 100


def _revision(key: str, fit: Fit | None) -> str:
    """Changes with the words: what colours said before counts no more."""
    return f"{key} {'; '.join(fit.words) if fit else ''}"


def _state(key: str, name: str, of: str) -> Mapping[str, Any]:
    value = (st.session_state.get(key) or {}).get(name)
    return value if isinstance(value, dict) and value.get("of") == of else {}


def _cloud(pack: Pack) -> dict[str, Any]:
    low, high = np.array(pack.low), np.array(pack.high)
    size = high - low
    return {
        "count": pack.count,
        "origin": pack.origin,
        "unit": pack.unit,
        "spacing": pack.spacing,
        "span": {
            "middle": ((low + high) / 2).tolist(),
            "radius": max(float(np.linalg.norm(size)) / 2, 0.1),
        },
        "low": pack.low,
        "high": pack.high,
        "top": pack.top,
        "sectors": SECTORS,
        "yaw": -np.pi / 2 if size[0] >= size[1] else 0.0,  # across the longer side
    }


def _objects(record: SceneRecord, pack: Pack) -> list[dict[str, Any]]:
    found = []
    for one in record.instances:
        low, high = np.array(one.box[:3]), np.array(one.box[3:])
        corners = np.array([[(low, high)[i >> k & 1][k] for k in range(3)] for i in range(8)])
        drawn = corners @ pack.turn.T
        least, most = drawn.min(axis=0), drawn.max(axis=0)
        middle = (least + most) / 2
        found.append(
            {
                "name": one.phrase or "object",
                "class": one.phrase or "object",
                "score": round(one.score, 4),
                "points": one.size,
                "middle": middle.round(3).tolist(),
                "top": [*middle[:2].round(3).tolist(), round(float(most[2]), 3)],
                "reach": round(float(np.linalg.norm(most - least)) / 2, 3),
            }
        )
    return found


def _colours(record: SceneRecord, fit: Fit | None) -> dict[str, Any]:
    """The colours of each object by mode, and what they mean."""
    paints: dict[str, Any] = {"photo": [], "objects": object_colours(len(record.instances))}
    classes = {one.class_id: one.phrase or "object" for one in record.instances}
    if len(classes) > 1:
        paints["classes"] = class_colours([one.class_id for one in record.instances])
    scales: dict[str, Scale] = {}
    if record.instances:
        paints["score"], scales["score"] = scale_of(
            "score", [one.score for one in record.instances]
        )
    if fit is not None:
        paints["query"], scales["query"] = scale_of("fits", fit.scores)
    of_class = dict(zip(classes, class_colours(list(classes)), strict=True))
    return {
        "paints": paints,
        "scales": scales,
        "classes": [[name, of_class[id_]] for id_, name in sorted(classes.items())],
        "match": None if fit is None else list(fit.scores),
    }


@st.cache_resource(max_entries=16, show_spinner=False)
def _shared(key: str, row: int, _record: SceneRecord, _pack: Pack) -> str:
    """Points of an object that are drawn for others as long as it is not chosen."""
    others = members(_pack, _record.instances[row]) & (_pack.owners != row)
    return base64.b64encode(np.flatnonzero(others).astype("<u4").tobytes()).decode()


def _nothing() -> None:
    """Streamlit asks for a callback a state."""


@cache
def _component() -> Callable[..., Any]:
    folder = Path(__file__).parent
    html, css = ((folder / name).read_text("utf-8") for name in ("cloud.html", "cloud.css"))
    js = "\n".join((folder / name).read_text("utf-8") for name in (*_FILES, *_DRAWERS))
    made: Callable[..., Any] = st.components.v2.component(
        "openseg_cloud", html=html, css=css, js=js
    )
    return made
