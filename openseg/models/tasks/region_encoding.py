"""What stages may ask of an encoder that can look at a region without cutting it out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.types import Image


@runtime_checkable
class RegionEncoder(Protocol):
    """Embeds regions with the whole image in view (CLIP)."""

    def encode_regions(
        self, images: Sequence[Image], masks: Sequence[Tensor], last_layers: int
    ) -> list[Tensor]:
        """Embeds regions in the space of the model's texts.

        The network sees the whole image. In its last layers only patches of the region are left,
        so that what is gathered is of the region, but knows its surroundings.

        Args:
            images: The images; each goes through the earlier layers once.
            masks: For each image bool `[n, h, w]`, its regions at its size; n may be 0.
            last_layers: In how many layers, counted from the last, other patches are left out.

        Returns:
            For each image float32 `[n, d]`, unit length.

        Raises:
            openseg.types.errors.InputError: If the network has fewer layers.
        """
        ...
