"""What stages may ask of an archive of pictures nobody labelled: the nearest ones to some words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.models.protocols import ImageTextEncoder
    from openseg.types import Image


@runtime_checkable
class ImageArchive(Protocol):
    """Pictures to look for examples in; they are part of what a method knows, as weights are."""

    def __len__(self) -> int:
        """How many pictures there are; at least one."""
        ...

    def nearest(self, vectors: Tensor, count: int, encoder: ImageTextEncoder) -> Tensor:
        """Looks for the pictures that are nearest to vectors of words.

        Args:
            vectors: float32 `[p, d]`, unit length, of `encoder`.
            count: How many to give for each.
            encoder: What the pictures are embedded with; they are embedded once for an encoder.

        Returns:
            int64 `[p, k]`: places of the pictures, nearest first; `k` is `count`, or the size of
            the archive where that is smaller.
        """
        ...

    def read(self, rows: Sequence[int]) -> list[Image]:
        """Reads pictures by their places.

        Raises:
            openseg.types.errors.InputError: If a picture can no longer be read.
        """
        ...
