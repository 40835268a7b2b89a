"""How pictures of cases tell right from missed and wrong.

Blue is right, yellow was missed, vermilion is too much: three colours that people with any colour
vision tell apart (Okabe and Ito, 2008).
"""

from __future__ import annotations

import io

import numpy as np
import PIL.Image
from numpy.typing import NDArray

RIGHT, MISSED, WRONG = (0, 114, 178), (240, 228, 66), (213, 94, 0)

_SIDE = 360
_TINT = 0.6
_GREY = 0.7
_QUALITY = 82


def tinted(
    pixels: NDArray[np.uint8], truth: NDArray[np.int64], answer: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Tints a picture by what was right, missed and wrong.

    Args:
        pixels: uint8 `[h, w, 3]`.
        truth: Class of each pixel, `int64 [h, w]`, -1 for none.
        answer: The same for the answer.
    """
    grey = pixels.mean(axis=2, keepdims=True)
    tint = _GREY * grey + (1 - _GREY) * pixels.astype(np.float32)  # tints stand out on pale things
    for where, colour in (
        ((truth >= 0) & (answer == truth), RIGHT),
        ((truth >= 0) & (answer != truth), MISSED),
        ((truth < 0) & (answer >= 0), WRONG),
    ):
        tint[where] = (1 - _TINT) * tint[where] + _TINT * np.array(colour, dtype=np.float32)
    drawn: NDArray[np.uint8] = np.rint(tint).astype(np.uint8)
    return drawn


def as_jpeg(picture: PIL.Image.Image) -> bytes:
    """The bytes of a small picture."""
    picture.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    picture.save(buffer, format="jpeg", quality=_QUALITY)
    return buffer.getvalue()
