"""PNG files that hold numbers: label maps, panoptic ids, binary masks; and folders of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from openseg.types.errors import InputError
from openseg_evals.formats.files import sample

MAX_LABELS = 100_000_000
"""The most pixels of a picture of numbers: each takes 8 bytes once it is read."""

FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP")
"""Pillow knows others, and gives some to programs outside."""

_GREY = {"1", "L", "P", "I", "I;16", "I;16B"}


def paired_pngs(
    truth: Path, prediction: Path, missing: str = "error"
) -> list[tuple[Path, Path | None]]:
    """PNGs of the same name in two folders, in order of name.

    Args:
        truth: Folder of the truth; every PNG in it, at any depth, is a sample.
        prediction: Folder of the predictions.
        missing: A sample without prediction: `error` or `empty`.

    Returns:
        Truth and prediction, None where there is none.

    Raises:
        InputError: If a folder is missing or empty, a prediction has no truth, or a sample has no
            prediction and `missing` is `error`.
    """
    ours, theirs = _names(truth), _names(prediction)
    lost, extra = ours - theirs, theirs - ours
    if lost and missing == "error":
        what = f"{len(lost)} of {len(ours)} predictions are missing: {sample(lost)}"
        fix = f"write one PNG for each of {truth}, with the same name"
        raise InputError(what, where=str(prediction), fix=fix)
    if extra:
        what = f"{len(extra)} predictions have no truth: {sample(extra)}"
        raise InputError(what, where=str(prediction), fix=f"the truth is {truth}; remove them")
    return [(truth / name, prediction / name if name in theirs else None) for name in sorted(ours)]


def unit_names(pairs: list[tuple[Path, Path | None]], truth: Path) -> list[str]:
    """The name of each pair: its file under the folder of the truth, without ending."""
    return [one.relative_to(truth).with_suffix("").as_posix() for one, _ in pairs]


def read_labels(path: Path) -> NDArray[np.int64]:
    """Reads a PNG of one channel.

    Args:
        path: The file; grey of 8 or 16 bits, or palette, whose indices count.

    Returns:
        `int64 [h, w]`.

    Raises:
        InputError: If it is missing or truncated, or has several channels.
    """
    image = read_picture(path)
    if image.mode not in _GREY:
        fix = "write the class numbers into one channel, 8 or 16 bits, not their colours"
        raise InputError(f"has channels {image.mode}", where=str(path), fix=fix)
    return np.asarray(image).astype(np.int64)


def read_ids(path: Path) -> NDArray[np.int64]:
    """Reads a panoptic PNG: id = R + 256 G + 65536 B, `int64 [h, w]`.

    Raises:
        InputError: If it is missing, truncated, or not RGB.
    """
    image = read_picture(path)
    if image.mode != "RGB":
        fix = "write ids as R + 256 G + 65536 B"
        raise InputError(f"has channels {image.mode}, not RGB", where=str(path), fix=fix)
    red, green, blue = np.moveaxis(np.asarray(image), -1, 0)
    ids: NDArray[np.int64] = blue.astype(
        np.int64
    )  # in place from here on: a large picture takes 8 bytes a pixel
    for channel in (green, red):
        ids <<= 8
        ids += channel
    return ids


def read_size(path: Path) -> tuple[int, int]:
    """Height and width of a picture from its header, or an `InputError`."""
    with _reading(path), Image.open(path, formats=FORMATS) as image:
        return image.height, image.width


def read_picture(path: Path) -> Image.Image:
    """A picture as it is stored, or an `InputError`: missing, damaged, or above `MAX_LABELS`."""
    with _reading(path), Image.open(path, formats=FORMATS) as image:
        if image.width * image.height > MAX_LABELS:
            what = f"{image.width} x {image.height} pixels are more than {MAX_LABELS:,}"
            raise InputError(what, where=str(path), fix="cut the picture into tiles")
        image.load()
        return image


def need_same_size(prediction: NDArray[Any], truth: NDArray[Any], where: Path) -> None:
    """Raises an `InputError` if two label maps differ in size."""
    if prediction.shape != truth.shape:
        sizes = [" x ".join(map(str, one.shape)) for one in (prediction, truth)]
        what = f"is {sizes[0]} (height x width), the truth is {sizes[1]}"
        fix = "resize predictions to the truth with nearest neighbour"
        raise InputError(what, where=str(where), fix=fix)


def _names(folder: Path) -> set[Path]:
    if not folder.is_dir():
        raise InputError("no such folder", where=str(folder), fix="give a folder of PNG files")
    names = {one.relative_to(folder) for one in folder.rglob("*.png")}
    if not names:
        raise InputError("holds no PNG file", where=str(folder), fix="give a folder of PNG files")
    return names


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise InputError("no such file", where=str(path), fix="check the path") from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        what = f"cannot be decoded: {error}"
        raise InputError(what, where=str(path), fix="write the file again") from None
