"""What the files of a posed frame hold: colours and metres, pixel for pixel as they were taken.

They are decoded here and not in `openseg.io` because stages compute with what is read: this code
is part of their addresses. EXIF orientation is left alone, since intrinsics belong to the pixels
as they are stored.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from openseg.types.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

# Pillow knows others, and gives some to programs outside.
_FORMATS = ("PNG", "JPEG", "TIFF", "PPM", "BMP", "WEBP", "GIF")

MOST_DEPTH_BYTES = 1 << 28
"""Bytes of decoded depth maps that are held: 200 of 640x480."""

_DEPTHS: OrderedDict[tuple[object, ...], Tensor] = OrderedDict()
_DEPTHS_LOCK = Lock()


def read_color(path: str) -> tuple[Tensor, str]:
    """Reads a colour picture.

    Args:
        path: An image file that Pillow reads.

    Returns:
        uint8 `[3, h, w]` RGB, not turned, and the digest that an `Image` of them has.

    Raises:
        InputError: If it is missing or damaged.
    """
    import numpy as np
    import torch

    pixels = np.array(_decode(path, "RGB").transpose(2, 0, 1), order="C")
    digest = hashlib.sha256(f"{pixels.shape[1]}x{pixels.shape[2]}:".encode())
    digest.update(pixels.data)
    return torch.from_numpy(pixels), digest.hexdigest()


def read_depth(path: str, scale: float, invalid: tuple[int, ...] = ()) -> Tensor:
    """Reads a depth map; one that was read lately and has not changed is not decoded again.

    The stages of a method go over the same frames one after the other.

    Args:
        path: A 16-bit or floating-point image (PNG, TIFF, PGM) or a numpy `.npy` file.
        scale: Stored units in a metre, for example 1000 for millimetres.
        invalid: Stored values that mean no depth, besides 0, NaN and infinity.

    Returns:
        float32 `[h, w]` in metres along the line of sight's z axis; 0 where there is none. Others
        may hold it, too: it must not be written to.

    Raises:
        InputError: If it is missing, damaged, or has more than one channel.
    """
    key = (path, _stamp(path), scale, invalid)
    with _DEPTHS_LOCK:
        if (known := _DEPTHS.pop(key, None)) is not None:
            _DEPTHS[key] = known
            return known
    metres = _read_depth(path, scale, invalid)
    with _DEPTHS_LOCK:
        _DEPTHS[key] = metres
        held = sum(one.nbytes for one in _DEPTHS.values())
        while held > MOST_DEPTH_BYTES:
            held -= _DEPTHS.popitem(last=False)[1].nbytes
    return metres


def _read_depth(path: str, scale: float, invalid: tuple[int, ...]) -> Tensor:
    import numpy as np
    import torch

    stored = _load_npy(path) if path.endswith(".npy") else _decode(path, None)
    if stored.ndim != 2:
        raise InputError(
            f"a depth map has one channel, this has the shape {list(stored.shape)}",
            where=path,
            fix="save depth as 16-bit grey PNG",
        )
    metres = (stored / scale).astype(np.float32)
    metres[~np.isfinite(metres) | (metres < 0) | np.isin(stored, invalid)] = 0
    return torch.from_numpy(metres)


@lru_cache(maxsize=4096)
def _size(path: str, _stamp: tuple[int, int]) -> tuple[int, int]:
    if path.endswith(".npy"):
        return tuple(_load_npy(path).shape[:2])
    import PIL.Image

    with PIL.Image.open(path) as image:
        return image.height, image.width


def picture_size(path: str) -> tuple[int, int]:
    """Height and width of a picture or depth map, from its header.

    Raises:
        InputError: If it is missing or no picture.
    """
    stamp = _stamp(path)
    try:
        return _size(path, stamp)
    except Exception as error:  # a damaged header can break a decoder in any way
        raise _unreadable(path, error) from error


def need_size(path: str, size: tuple[int, int], declared: tuple[int, int]) -> None:
    """Checks that a picture has the size its intrinsics are for.

    Raises:
        InputError: If it has another.
    """
    if size != declared:
        (height, width), (rows, columns) = size, declared
        raise InputError(
            f"the picture is {width}x{height}, its camera is for {columns}x{rows}",
            where=path,
            fix="the file changed after the scene was read: read the scene again",
        )


@lru_cache(maxsize=1 << 16)
def _sha256(path: str, _stamp: tuple[int, int]) -> str:
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_digest(path: str) -> str:
    """Sha256 of a file's content; a file that has not changed is read once a process.

    Raises:
        InputError: If it cannot be read.
    """
    stamp = _stamp(path)
    try:
        return _sha256(path, stamp)
    except OSError as error:
        raise _unreadable(path, error) from error


def _stamp(path: str) -> tuple[int, int]:
    """Size and time of a file, which change with its content.

    Raises:
        InputError: If there is no such file.
    """
    try:
        status = os.stat(path)  # noqa: PTH116  # a string, a thousand times over
    except (OSError, ValueError) as error:  # a path may hold what no path can
        raise _unreadable(path, error) from error
    return status.st_size, status.st_mtime_ns


def _decode(path: str, mode: str | None) -> NDArray[Any]:
    import numpy as np
    import PIL.Image

    try:
        with PIL.Image.open(path, formats=_FORMATS) as image:
            return np.asarray(image.convert(mode) if mode else image)
    except Exception as error:  # damaged data can break a decoder in any way
        raise _unreadable(path, error) from error


def _load_npy(path: str) -> NDArray[np.floating[Any]]:
    import numpy as np

    try:
        loaded: NDArray[np.floating[Any]] = np.load(path, allow_pickle=False)
    except Exception as error:  # a header can claim more than there is memory
        raise _unreadable(path, error) from error
    return loaded


def _unreadable(path: str, error: Exception) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError("no such file", where=path, fix="copy the missing frame again")
    reason = " ".join(str(error).split()).replace(path, "it") or type(error).__name__
    return InputError(
        f"cannot be read: {reason}", where=path, fix="it may be cut off: copy the frame again"
    )
