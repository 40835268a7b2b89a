"""The picture: an image with regions over it, display settings at once, clicks as prompts.

A component of Streamlit's own kind (`st.components.v2`), drawn in the browser: opacity, outlines,
labels, boxes and the score threshold change without running Python.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image
import streamlit as st

from openseg.io.drawing.palette import ink, shade_of
from openseg_ui.server.runs import Prompts
from openseg_ui.widgets.heat import heat_sheet

if TYPE_CHECKING:
    from torch import Tensor

    from openseg_ui.server.images import Photo

LONGEST = 1280
"""Pixels of the longer side that are sent to the browser."""

MOST_REGIONS = 150


@dataclass(frozen=True)
class Picked:
    """What the user did on a picture.

    Attributes:
        selected: The region that was clicked, or None.
        threshold: Regions with a lower score are hidden; minus infinity if none are.
    """

    selected: int | None
    threshold: float


@dataclass(frozen=True)
class Layer:
    """Regions as they are drawn.

    Attributes:
        key: Different for different regions.
        masks: bool `[n, h, w]`, or None.
        boxes: float `[n, 4]` xyxy, or None.
        labels: Words of each region, or none.
        scores: One a region, or None.
        classes: What a hue stands for, one a region; by default each region has its own.
    """

    key: str
    masks: Tensor | None = None
    boxes: Tensor | None = None
    labels: Sequence[str] = ()
    scores: Sequence[float] | None = None
    classes: Sequence[int] | None = None

    def __len__(self) -> int:
        rows = self.masks if self.masks is not None else self.boxes
        return 0 if rows is None else len(rows)


def picture(
    photo: Photo,
    layer: Layer | None = None,
    *,
    key: str,
    tools: Sequence[str] = ("look",),
    prompts: Prompts | None = None,
    revision: str = "",
    on_prompts: Callable[[], None] | None = None,
    selected: int | None = None,
    group: str = "",
    heat: Tensor | None = None,
    named: bool = True,
) -> Picked:
    """Shows an image.

    Args:
        photo: The image.
        layer: The regions over it.
        key: Streamlit's key of the picture; its state has what `clicked` and `picked` read.
        tools: What a click or a stroke may do: `look`, `point`, `negative`, `scribble`, `box`; the
            first one to begin with.
        prompts: What is drawn to begin with.
        revision: Changed when `prompts` shall replace what was clicked.
        on_prompts: Called after a click that changed the prompts.
        selected: The region that is emphasised.
        group: Pictures of one group are zoomed together.
        heat: float `[gh, gw]`, drawn over the image in colours.
        named: Whether labels are drawn to begin with.
    """
    width, height = photo.picture.size
    name = layer.key if layer else ""
    regions = _regions(photo.digest, name, (height, width), layer) if layer else []
    given = prompts or Prompts()
    _component()(
        key=key,
        data={
            "image": _encoded(photo.digest, photo),
            "heat": heat_sheet(heat, (width, height)) if heat is not None else None,
            "width": width,
            "height": height,
            "label": f"{photo.name}, {width} by {height} pixels, {len(regions)} regions",
            "key": f"{photo.digest} {name}",
            "regions": regions,
            "tools": list(tools),
            "prompts": asdict(given),
            "revision": revision,
            "selected": selected,
            "group": group,
            "named": named,
        },
        on_prompts_change=on_prompts or _nothing,
        on_selected_change=_nothing,
        on_threshold_change=_nothing,
    )
    return picked(key, photo, layer)


def picked(key: str, photo: Photo, layer: Layer | None) -> Picked:
    """What was picked on a picture that shows these regions; a browser may send anything."""
    name = f"{photo.digest} {layer.key if layer else ''}"
    chosen, threshold = _state(key, "selected", name), _state(key, "threshold", name)
    row, value = chosen.get("row"), threshold.get("value")
    known = isinstance(row, int) and layer is not None and 0 <= row < len(layer)
    least = float(value) if isinstance(value, (int, float)) else -math.inf
    return Picked(row if known else None, least)


def clicked(key: str, revision: str) -> Prompts | None:
    """The prompts that were clicked on a picture since it got this revision, or None."""
    state = _state(key, "prompts", revision)
    try:
        return Prompts(
            _rows(state["points"]),
            _rows(state["boxes"]),
            tuple(_rows(stroke) for stroke in state["scribbles"]),
            _rows(state["negative_points"]),
        )
    except (KeyError, TypeError, ValueError):  # nothing was clicked; or a browser made it up
        return None


def _rows(value: Any) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(float(number) for number in row) for row in value)


def _state(key: str, name: str, of: str) -> Mapping[str, Any]:
    state = st.session_state.get(key) or {}
    value = state.get(name)
    return value if isinstance(value, dict) and value.get("of") == of else {}


def _nothing() -> None:
    """Streamlit asks for a callback a state."""


@cache
def _component() -> Callable[..., Any]:
    names = ("picture.html", "picture.css", "picture.js", "picture_parts.js")
    html, css, js, parts = (Path(__file__).with_name(one).read_text("utf-8") for one in names)
    made: Callable[..., Any] = st.components.v2.component(
        "openseg_picture", html=html, css=css, js=f"{js}\n{parts}"
    )
    return made


@st.cache_resource(max_entries=48, show_spinner=False)
def _encoded(digest: str, _photo: Photo) -> str:
    """The image as the `src` of an `img`."""
    whole = _photo.picture.copy()
    whole.thumbnail((LONGEST, LONGEST), PIL.Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    whole.save(buffer, "JPEG", quality=88)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"


@st.cache_resource(max_entries=48, show_spinner=False)
def _regions(digest: str, key: str, size: tuple[int, int], _layer: Layer) -> list[dict[str, Any]]:
    """The regions as plain data, best first if there are too many to draw."""
    rows = list(range(len(_layer)))
    if len(rows) > MOST_REGIONS and _layer.scores is not None:
        scores = _layer.scores
        rows = sorted(rows, key=lambda row: -scores[row])
    return [_region(row, size, _layer) for row in sorted(rows[:MOST_REGIONS])]


def _region(row: int, size: tuple[int, int], layer: Layer) -> dict[str, Any]:
    classes = list(layer.classes) if layer.classes is not None else list(range(len(layer)))
    if len(set(classes)) < 2:  # as in overlays: where there is one class, each region has its hue
        classes = list(range(len(layer)))
    hue = classes[row]
    colour = shade_of(hue, classes[:row].count(hue))
    return {
        "id": row,
        "label": layer.labels[row] if layer.labels else "",
        "score": round(float(layer.scores[row]), 4) if layer.scores is not None else None,
        "colour": "#{:02x}{:02x}{:02x}".format(*colour),
        "ink": "#{:02x}{:02x}{:02x}".format(*ink(colour)),
        "box": [round(v, 1) for v in layer.boxes[row].tolist()]
        if layer.boxes is not None
        else None,
        "mask": _mask(layer.masks[row], size) if layer.masks is not None else None,
    }


def _mask(mask: Tensor, size: tuple[int, int]) -> dict[str, Any]:
    """A mask cut out at the size it is shown, as runs of zeros and ones."""
    cell = max(1.0, max(size) / LONGEST)
    shown = (max(1, round(size[1] / cell)), max(1, round(size[0] / cell)))
    whole = PIL.Image.fromarray(mask.cpu().numpy())
    bits = np.asarray(whole.resize(shown, PIL.Image.Resampling.NEAREST))
    rows, columns = np.flatnonzero(bits.any(axis=1)), np.flatnonzero(bits.any(axis=0))
    if not len(rows):
        return {"left": 0, "top": 0, "width": 0, "height": 0, "cell": cell, "runs": []}
    crop = bits[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    flat = np.concatenate([[False], crop.ravel(), [False]])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    runs = np.diff(np.concatenate([[0], edges, [crop.size]]))
    return {
        "left": int(columns[0]),
        "top": int(rows[0]),
        "width": crop.shape[1],
        "height": crop.shape[0],
        "cell": cell,
        "runs": runs.tolist(),
    }
