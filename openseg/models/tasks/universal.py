"""What stages may ask of a universal segmenter: the queries of an image for one of three tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.types import Image

Task = Literal["panoptic", "instance", "semantic"]
"""The words that name a task."""


@dataclass(frozen=True, eq=False)
class MaskQueries:
    """What the queries of one image became, kept small until someone needs pixels.

    Attributes:
        chances: float32 `[q, k + 1]`: the chance of each known class, and last that of no object;
            a row adds up to 1.
        logits: float32 `[q, gh, gw]`: mask logits on a grid that covers the whole image.
    """

    chances: Tensor
    logits: Tensor


@runtime_checkable
class UniversalSegmenter(Protocol):
    """Segments things and stuff of a closed set of classes, as a task word says (OneFormer)."""

    class_names: tuple[str, ...]
    """The k known classes, in the order of `MaskQueries.chances`."""

    things: tuple[bool, ...]
    """For each known class whether its members are counted; those of stuff are not."""

    def queries(self, images: Sequence[Image], task: Task) -> list[MaskQueries]:
        """Runs the network for a task on each image."""
        ...
