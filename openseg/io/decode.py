"""From an encoded picture to upright 8-bit sRGB, whatever a camera or an editor put in the file.

The format is judged by the content. Transparent pixels are laid on white: what hides under them is
arbitrary. An embedded colour profile is applied, as every viewer does, so that models see the
colours people see.
"""

from __future__ import annotations

import io
import warnings
from functools import cache
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any, BinaryIO

import numpy as np
import PIL.Image
from PIL import ImageCms
from PIL.Image import Transpose

from openseg.io.remote.copies import fetched
from openseg.types.errors import InputError

MAX_PIXELS = 178_956_970
"""The most pixels an image file may have; Pillow's own limit against decompression bombs."""

# Pillow warns from half its limit on; what a large camera makes is no news to the user.
warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)

_FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "BMP", "DIB", "TIFF", "GIF", "AVIF", "HEIF")
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_ORIENTATION = 0x0112
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
# 65535 = 257 * 255: dividing by 257 and rounding takes 16 bits to 8 over the full range.
_EIGHT_BITS = ((np.arange(65536) + 128) // 257).astype(np.uint8)
_PROFILE_SPACES = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK"}


def decode_file(path: Path, max_pixels: int = MAX_PIXELS) -> PIL.Image.Image:
    """Decodes an image file.

    Args:
        path: A JPEG, PNG, WebP, BMP, TIFF, GIF (first frame) or AVIF file; HEIC where the
            installed Pillow reads it.
        max_pixels: The most pixels it may have.

    Returns:
        Mode `RGB`, upright.

    Raises:
        InputError: If the file is missing, unreadable, empty, not an image, damaged, cut off or
            too large.
    """
    where = str(path)
    fetched(path)
    try:
        status = path.stat()
        if S_ISDIR(status.st_mode):
            raise InputError("this is a folder, not an image", where=where, fix="give a file in it")
        if not S_ISREG(status.st_mode):
            raise InputError("this is not a regular file", where=where, fix="give an image file")
        if status.st_size == 0:
            raise InputError("the file is empty", where=where, fix="copy or download it again")
        with path.open("rb") as file:
            return _decode(file, where, max_pixels)
    except FileNotFoundError:
        raise InputError("no such file", where=where, fix="check the path") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"cannot read the file: {reason}", where=where) from error


def decode_bytes(data: bytes, name: str, max_pixels: int = MAX_PIXELS) -> PIL.Image.Image:
    """Decodes an image file that is not on a disk, such as an upload; nothing is written.

    Args:
        data: The file's content, as for `decode_file`.
        name: How messages name it.
        max_pixels: The most pixels it may have.

    Returns:
        Mode `RGB`, upright.

    Raises:
        InputError: If it is empty, not an image, damaged, cut off or too large.
    """
    if not data:
        raise InputError("the file is empty", where=name, fix="copy or download it again")
    return _decode(io.BytesIO(data), name, max_pixels)


def upright_srgb(image: PIL.Image.Image) -> PIL.Image.Image:
    """Brings any Pillow image to the form all else works on.

    Args:
        image: Of any mode with a defined range of values, with the metadata it was opened with.

    Returns:
        Mode `RGB`, 8 bits, EXIF orientation and colour profile applied, transparency on white.

    Raises:
        ValueError: If the values of its mode have no defined range (floating point, 32 bits).
    """
    image.load()
    # Asked for after loading: some decoders turn the picture themselves and then drop the tag.
    turn = _TURNS.get(_orientation(image))
    rgb = _to_rgb(image)
    return rgb if turn is None else rgb.transpose(turn)


def to_8_bits(values: np.ndarray[Any, np.dtype[Any]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Scales 16-bit values to 8 bits: divided by 257 and rounded."""
    scaled: np.ndarray[Any, np.dtype[np.uint8]] = _EIGHT_BITS[values]
    return scaled


def _decode(file: BinaryIO, where: str, max_pixels: int) -> PIL.Image.Image:
    try:
        image = PIL.Image.open(file, formats=_formats())
    except PIL.Image.DecompressionBombError as error:
        raise InputError(
            f"too large: {error}", where=where, fix="make the picture smaller"
        ) from None
    except Exception as error:  # a header can break Pillow in any way
        file.seek(0)
        raise _not_an_image(file.read(4096), where) from error
    width, height = image.size
    if width * height > max_pixels:
        what = f"{width} x {height} pixels are more than the limit of {max_pixels:,}"
        raise InputError(what, where=where, fix="make the picture smaller")
    try:
        return upright_srgb(image)
    except Exception as error:  # damaged data can break a decoder in any way
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"cannot decode the {image.format} data: {reason}",
            where=where,
            fix="the file may be damaged or cut off: copy or download it again",
        ) from error


@cache
def _formats() -> tuple[str, ...]:
    """The formats we take that this Pillow, with its plugins, can open."""
    PIL.Image.init()
    return tuple(name for name in _FORMATS if name in PIL.Image.OPEN)


def _not_an_image(start: bytes, where: str) -> InputError:
    """Says what a file that no decoder knows seems to be instead."""
    if start[4:8] == b"ftyp" and start[8:12] in _HEIC:
        return InputError(
            "this is a HEIC picture, which the installed Pillow cannot read",
            where=where,
            fix="convert it to JPEG or PNG",
        )
    if start.lstrip()[:5].lower() in {b"<html", b"<!doc"}:
        what = "this is a web page, not an image"
    elif b"\0" not in start and _is_text(start):
        what = "this is a text file, not an image"
    else:
        what = "this is not an image of a known format, or a damaged one"
    return InputError(what, where=where, fix="give a JPEG, PNG, WebP, BMP, TIFF or GIF file")


def _is_text(data: bytes) -> bool:
    try:
        # The cut at the end may split a character.
        data[:-3].decode()
    except UnicodeDecodeError:
        return False
    return True


def _orientation(image: PIL.Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001  # broken metadata does not make the picture unreadable
        return 1


def _to_rgb(image: PIL.Image.Image) -> PIL.Image.Image:
    if image.mode.startswith("I"):
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 65535:
            raise ValueError("32-bit values have no defined range; save it with 8 or 16 bits")
        return PIL.Image.fromarray(to_8_bits(values)).convert("RGB")
    if image.mode == "F":
        raise ValueError("floating-point values have no defined range; save it with 8 or 16 bits")
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = PIL.Image.new("RGBA", layer.size, "white")
        image = PIL.Image.alpha_composite(white, layer).convert("RGB")
    elif image.mode not in _PROFILE_SPACES:
        image = image.convert("RGB")
    return _apply_profile(image, profile).convert("RGB")


def _apply_profile(image: PIL.Image.Image, data: bytes | None) -> PIL.Image.Image:
    """Converts to sRGB; a profile that is broken or for other channels is not applied."""
    if not data:
        return image
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        space = profile.profile.xcolor_space.strip()
        known = "srgb" in ImageCms.getProfileDescription(profile).lower()
        if known or space != _PROFILE_SPACES[image.mode]:
            return image
        srgb = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, profile, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if converted is None else converted
