"""Images in: from a path, a Pillow image, an array or a tensor to an `Image`.

The digest covers size and pixels only, so the same picture has the same address however it came.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image

from openseg.io.arrays import rgb_from_array, rgb_from_tensor
from openseg.io.decode import MAX_PIXELS, decode_bytes, decode_file, upright_srgb
from openseg.io.paths import IMAGE_EXTENSIONS, find_images, sample_ids
from openseg.types.errors import InputError
from openseg.types.image import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "IMAGE_EXTENSIONS",
    "MAX_PIXELS",
    "find_images",
    "image_from",
    "read_image",
    "sample_ids",
]


def read_image(source: str | Path | bytes, max_pixels: int = MAX_PIXELS, name: str = "") -> Image:
    """Reads an image file.

    Args:
        source: Its path or its content: a JPEG, PNG, WebP, BMP, TIFF, GIF (first frame) or AVIF
            file, whatever its name; HEIC where the installed Pillow reads it.
        max_pixels: The most pixels it may have.
        name: How messages and files name it; a path names itself.

    Returns:
        The image: upright, 8-bit sRGB, transparency on white. 16-bit grey is divided by 257 and
        rounded; of 16-bit colour Pillow keeps the upper 8 bits.

    Raises:
        InputError: If the file is missing, unreadable, empty, not an image, damaged, cut off or
            too large.
    """
    if isinstance(source, bytes):
        return _image(np.asarray(decode_bytes(source, name or "image", max_pixels)), name)
    return _image(np.asarray(decode_file(Path(source), max_pixels)), name or str(source))


def image_from(value: Any, name: str = "") -> Image:
    """Makes an image of whatever a user has.

    Args:
        value: A path; the bytes of an image file; a Pillow image; a numpy array `[h, w]` or
            `[h, w, c]` or a tensor `[h, w]` or `[c, h, w]` with 1, 2 (grey and alpha), 3 or 4
            channels, RGB order, uint8, uint16 or floating point from 0 to 1; an `Image`.
        name: How messages and files name it; a path names itself.

    Returns:
        The image, on the CPU unless `value` is an `Image`.

    Raises:
        InputError: If `value` is none of these or cannot be read.
    """
    import torch

    where = name or "image"
    if isinstance(value, Image):
        return replace(value, name=name) if name else value
    if isinstance(value, (str, os.PathLike)):
        image = read_image(Path(value))
        return replace(image, name=name) if name else image
    if isinstance(value, bytes):
        return read_image(value, name=name)
    if isinstance(value, PIL.Image.Image):
        try:
            return _image(np.asarray(upright_srgb(value)), name)
        except (OSError, SyntaxError, ValueError) as error:
            raise InputError(f"cannot use the Pillow image: {error}", where=where) from error
    if isinstance(value, np.ndarray):
        return _image(rgb_from_array(value, where), name)
    if isinstance(value, torch.Tensor):
        return _image(rgb_from_tensor(value, where), name)
    raise InputError(
        f"{type(value).__name__} is not an image",
        where=where,
        fix="give a path, a Pillow image, a numpy array or a tensor",
    )


def _image(rgb: NDArray[np.uint8], name: str) -> Image:
    """The image of uint8 `[h, w, 3]`, which is copied."""
    import torch

    pixels = np.array(rgb.transpose(2, 0, 1), order="C")
    digest = hashlib.sha256(f"{pixels.shape[1]}x{pixels.shape[2]}:".encode())
    digest.update(pixels.data)
    return Image(torch.from_numpy(pixels), digest.hexdigest(), name)
