"""Masks in: from a picture or an array that is bright where a thing is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openseg.io.images import image_from
from openseg.types.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.types import Image


def mask_from(value: Any, image: Image, name: str = "") -> Tensor:
    """Makes a mask of whatever a user has.

    Args:
        value: What `image_from` takes: a path, a Pillow image, an array or a tensor, bool too. A
            pixel is in the mask where it is brighter than half the brightest one, so that files of
            0 and 1, of 0 and 255, and lossy ones all work.
        image: The picture the mask belongs to.
        name: How messages name the mask; a path names itself.

    Returns:
        bool `[h, w]` on the picture's device.

    Raises:
        InputError: If `value` cannot be read, has another size than the picture, or is black.
    """
    picture = image_from(value, name)
    where = picture.name or "mask"
    if picture.size != image.size:
        (height, width), (rows, columns) = picture.size, image.size
        raise InputError(
            f"the mask is {width}x{height}, its image {image.name} is {columns}x{rows}",
            where=where,
            fix="give a mask made on that image",
        )
    light = picture.pixels.amax(dim=0).to(image.pixels.device)
    if not light.any():
        raise InputError("the mask shows nothing: it is black everywhere", where=where)
    return light > light.max() / 2
