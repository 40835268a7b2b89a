"""From arrays and tensors to RGB: numpy holds `[h, w, c]`, torch `[c, h, w]`, as their users do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image

from openseg.io.decode import to_8_bits
from openseg.types.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}


def rgb_from_array(array: NDArray[Any], name: str) -> NDArray[np.uint8]:
    """Checks an image array and brings it to 8-bit RGB.

    Args:
        array: `[h, w]` or `[h, w, c]`: grey (1), grey and alpha (2), RGB (3) or RGBA (4); uint8,
            uint16 over its full range, floating point from 0 to 1, or bool.
        name: How an error names it.

    Returns:
        uint8 `[h, w, 3]`; transparency on white.

    Raises:
        InputError: If the shape, the dtype or a value is not one of these.
    """
    values = array[..., None] if array.ndim == 2 else array
    if values.ndim != 3 or values.shape[2] not in _MODES or 0 in values.shape:
        raise InputError(
            f"an array of shape {list(array.shape)} is not an image",
            where=name,
            fix="give [h, w], [h, w, 3] or [h, w, 4] as a numpy array, channels first as a tensor",
        )
    pixels = _to_uint8(values, name)
    channels = pixels.shape[2]
    if channels == 3:
        return pixels
    if channels == 1:
        return np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    layer = PIL.Image.fromarray(np.ascontiguousarray(pixels), _MODES[channels]).convert("RGBA")
    white = PIL.Image.new("RGBA", layer.size, "white")
    return np.asarray(PIL.Image.alpha_composite(white, layer).convert("RGB"))


def rgb_from_tensor(tensor: Tensor, name: str) -> NDArray[np.uint8]:
    """The same for a tensor `[h, w]` or `[c, h, w]` on any device.

    Raises:
        InputError: As `rgb_from_array`.
    """
    cpu = tensor.detach().cpu()
    array = (cpu.float() if cpu.is_floating_point() else cpu).numpy()
    if array.ndim == 3 and array.shape[0] not in _MODES:
        raise InputError(
            f"a tensor of shape {list(array.shape)} is not an image",
            where=name,
            fix="tensors are [c, h, w]; use .permute(2, 0, 1), or .numpy() for [h, w, c]",
        )
    return rgb_from_array(np.moveaxis(array, 0, -1) if array.ndim == 3 else array, name)


def _to_uint8(values: NDArray[Any], name: str) -> NDArray[np.uint8]:
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.uint16:
        return to_8_bits(values)
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    if not np.issubdtype(values.dtype, np.floating):
        fix = "give uint8 from 0 to 255, uint16, or floating point from 0 to 1"
        raise InputError(f"{values.dtype} values are not pixels", where=name, fix=fix)
    if not (values.min() >= 0 and values.max() <= 1):
        found = f"{values.min():.4g} to {values.max():.4g}"
        fix = "scale them from 0 to 1, or give uint8"
        raise InputError(f"floating-point pixels run from {found}", where=name, fix=fix)
    scaled: NDArray[np.uint8] = np.rint(values * 255).astype(np.uint8)
    return scaled
