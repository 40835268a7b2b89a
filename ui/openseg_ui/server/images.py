"""Images from the browser and from allowed folders, with limits on bytes and pixels.

They stay Pillow images until a method runs on them, so that a page appears before torch is loaded.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import PIL.Image

import openseg
from openseg.io.decode import decode_bytes, decode_file
from openseg.types.errors import InputError

if TYPE_CHECKING:
    from openseg.types import Image

SAMPLES = Path(openseg.__file__).parent / "mini" / "samples"
_NAME = 80


@dataclass(frozen=True, eq=False)
class Photo:
    """An image to run on.

    Attributes:
        picture: Mode `RGB`, upright.
        digest: Different for different pixels.
        name: How it is called; never a path of the server.
    """

    picture: PIL.Image.Image
    digest: str
    name: str

    @classmethod
    def of(cls, image: Image) -> Photo:
        """The photo of an image that a method ran on."""
        pixels = image.pixels.permute(1, 2, 0).contiguous().cpu().numpy()
        return photo(PIL.Image.fromarray(pixels), image.name)


def photo(picture: PIL.Image.Image, name: str) -> Photo:
    """Makes a photo of a decoded picture."""
    state = hashlib.sha256(f"{picture.size}".encode())
    state.update(picture.tobytes())
    return Photo(picture, state.hexdigest()[:32], name)


def uploaded(data: bytes, name: str, *, megabytes: int, megapixels: int) -> Photo:
    """Reads an upload, which is never on a disk; its content decides what it is.

    Args:
        data: The file.
        name: What the browser calls it; only shown.
        megabytes: The largest file.
        megapixels: The largest image.

    Raises:
        InputError: If it is too large, or not an image.
    """
    shown = safe_name(name)
    if len(data) > megabytes * 2**20:
        what = f"{len(data) / 2**20:.0f} MB are more than the limit of {megabytes} MB"
        raise InputError(what, where=shown, fix="make the picture smaller")
    return photo(decode_bytes(data, shown, megapixels * 1_000_000), shown)


def from_folder(path: Path, *, megapixels: int) -> Photo:
    """Reads an image of an allowed folder.

    Raises:
        InputError: If it cannot be read or is too large.
    """
    return photo(decode_file(path, max_pixels=megapixels * 1_000_000), path.name)


def safe_name(name: str) -> str:
    """A file name without folders and without characters that do not print."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(c if c.isprintable() else "_" for c in last)[-_NAME:] or "upload"
