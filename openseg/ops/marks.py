"""Draw a region's box into the picture, as a pointer for a model that reads pictures.

Shtedritski et al., "What does CLIP know about a red circle?", ICCV 2023, arXiv:2304.06712, show
that models trained on web pictures follow such marks.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

RED = (255, 0, 0)


def boxed(pixels: Tensor, box: Sequence[float], colour: Sequence[int] = RED) -> Tensor:
    """Draws the outline of a box, outside of it where the picture has room.

    Args:
        pixels: uint8 `[3, h, w]`, left as it is.
        box: xyxy in pixels.
        colour: RGB in 0-255.

    Returns:
        uint8 `[3, h, w]`: a copy with a line as thick as a hundredth of its longer side, at least
        2 pixels.
    """
    height, width = pixels.shape[1:]
    thick = max(2, round(max(height, width) / 100))
    left, top = max(round(box[0]) - thick, 0), max(round(box[1]) - thick, 0)
    right, bottom = min(round(box[2]) + thick, width), min(round(box[3]) + thick, height)
    marked = pixels.clone()
    marked[:, top:bottom, left:right] = torch.tensor(
        colour, dtype=torch.uint8, device=pixels.device
    )[:, None, None]
    inside = slice(top + thick, bottom - thick), slice(left + thick, right - thick)
    marked[:, *inside] = pixels[:, *inside]
    return marked
