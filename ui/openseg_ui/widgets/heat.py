"""Heat maps in colours: bright is high, and the order of brightness can be read without colour.

Cividis in six steps (Nuñez, Anderton, Renslow, PLoS ONE 13(7), 2018): also for the colour-blind.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, TypedDict

import numpy as np
import PIL.Image

if TYPE_CHECKING:
    from torch import Tensor

_LONGEST = 320
_STEPS = (
    (0, 34, 78),
    (52, 69, 108),
    (95, 104, 116),
    (143, 137, 120),
    (199, 176, 101),
    (254, 232, 56),
)


class HeatSheet(TypedDict):
    """A heat map as the browser draws it.

    Attributes:
        src: The coloured map, for an `img`; it covers the whole picture.
        low: The value of the darkest colour.
        high: The value of the brightest colour.
        key: The colours from low to high, as CSS.
    """

    src: str
    low: float
    high: float
    key: list[str]


def heat_sheet(heat: Tensor, size: tuple[int, int]) -> HeatSheet:
    """Colours a heat map.

    Args:
        heat: float `[gh, gw]`, covering the whole picture.
        size: Width and height of the picture.
    """
    values = heat.float().cpu().numpy()
    low, high = float(values.min()), float(values.max())
    part = min(1.0, _LONGEST / max(size))
    shown = (max(1, round(size[0] * part)), max(1, round(size[1] * part)))
    grid = PIL.Image.fromarray(((values - low) / ((high - low) or 1.0)).astype(np.float32))
    level = np.asarray(grid.resize(shown, PIL.Image.Resampling.BILINEAR))
    places = np.linspace(0, 1, len(_STEPS))
    colours = np.stack([np.interp(level, places, [c[i] for c in _STEPS]) for i in range(3)], axis=2)
    buffer = io.BytesIO()
    PIL.Image.fromarray(colours.astype(np.uint8)).save(buffer, "PNG")
    source = base64.b64encode(buffer.getvalue()).decode()
    key = ["#{:02x}{:02x}{:02x}".format(*colour) for colour in _STEPS]
    return {"src": f"data:image/png;base64,{source}", "low": low, "high": high, "key": key}
