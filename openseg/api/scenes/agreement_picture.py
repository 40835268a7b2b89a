"""Draws where a cloud's points fall in a frame: green on what was measured, red in front of it.

Hidden points are blue: where a picture is blue all over, the cloud lies behind everything.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from openseg import ops
from openseg.api.scenes.agreement import WITHIN, Probe

ON_SURFACE, IN_FRONT, HIDDEN = (0, 200, 80), (230, 30, 30), (60, 90, 255)
TINT = 0.5
"""Share of a point's colour; the rest is the picture's grey, so that dense clouds leave it seen."""


def draw(probe: Probe) -> NDArray[np.uint8]:
    """Draws a probe.

    Args:
        probe: One of `SceneCheck.probes`.

    Returns:
        uint8 `[h, w, 3]` at the size of the depth map: the frame's picture in grey, tinted where
        points fall. Where nothing was measured none are drawn; of several the nearest is.

    Raises:
        InputError: If the frame's picture cannot be read.
    """
    import torch

    height, width = probe.view.camera.size
    grey = probe.frame.image().pixels.float().mean(dim=0)[None, None]
    resized = torch.nn.functional.interpolate(grey, (height, width), mode="area")
    painted = resized.reshape(-1, 1).repeat(1, 3).numpy()
    inside = ops.geometry.in_picture(probe.positions(), probe.view.camera)
    measured = probe.view.depth.reshape(-1)[inside.pixels]
    away = inside.depth - measured
    kind = (away > WITHIN).long() * 2 + (away < -WITHIN).long()
    # Painted from far to near: numpy keeps the last of equal pixels.
    order = inside.depth.argsort(descending=True)
    order = order[measured[order] > 0]
    colors = np.array([ON_SURFACE, IN_FRONT, HIDDEN])[kind[order].numpy()]
    places = inside.pixels[order].numpy()
    painted[places] = (1 - TINT) * painted[places] + TINT * colors
    drawn: NDArray[np.uint8] = painted.round().astype(np.uint8).reshape(height, width, 3)
    return drawn
