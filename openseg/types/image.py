"""The picture a sample starts from, upright and in sRGB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openseg.types.check import check_tensor

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, eq=False)
class Image:
    """An RGB image.

    Attributes:
        pixels: uint8 `[3, h, w]`, RGB, EXIF orientation already applied.
        digest: sha256 (hex) of the decoded pixels and their size; the image's address in caches.
        name: How messages and files name the image, usually its path.
    """

    pixels: Tensor
    digest: str
    name: str = ""

    def __post_init__(self) -> None:
        check_tensor(self.pixels, "Image.pixels", (3, "h", "w"), "uint8")

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[1], self.pixels.shape[2]
