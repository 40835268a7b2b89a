"""What stages may ask of a closed-set segmenter: masks with a chance for every known class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.types import Image


@dataclass(frozen=True, eq=False)
class MaskProposals:
    """Masks of one image.

    Attributes:
        masks: bool `[n, h, w]` at the image's size; they may overlap, none is empty.
        classes: float32 `[n, k]` in [0, 1]: the chance of each known class; what a row lacks to 1
            is the chance that it shows no object.
        sureness: float32 `[n]` in [0, 1]: the mean chance of the mask's pixels to belong to it.
    """

    masks: Tensor
    classes: Tensor
    sureness: Tensor


@runtime_checkable
class MaskProposer(Protocol):
    """Finds masks of the classes it was trained with, and of much else (Mask2Former)."""

    class_names: tuple[str, ...]
    """The k known classes, in the order of `MaskProposals.classes`."""

    def propose(self, images: Sequence[Image]) -> list[MaskProposals]:
        """Proposes masks on each image."""
        ...
