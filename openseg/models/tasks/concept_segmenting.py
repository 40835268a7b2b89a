"""What stages may ask of a segmenter that is told a concept: all instances of it in an image.

Such a model decides what is meant and where it is. One that is shown a place and draws the mask
there is a `PromptSegmenter`: scores and faults of the two are not alike, so they stay apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.types import Exemplars, Image


@dataclass(frozen=True, eq=False)
class ConceptPrompt:
    """One concept to look for in one image.

    Attributes:
        text: A short noun phrase.
        exemplars: Boxes on that image that show the concept, or what is not meant by it; None or
            zero rows for words alone.
    """

    text: str
    exemplars: Exemplars | None = None


@dataclass(frozen=True, eq=False)
class ConceptInstances:
    """The instances of one concept in one image, best first.

    Attributes:
        masks: bool `[n, h, w]` at the image's size.
        boxes: float32 `[n, 4]` xyxy in pixels of the image, clipped to it.
        scores: float32 `[n]` in [0, 1]: the chance that the concept is in the image, times that of
            the instance if it is.
        presence: float32 scalar in [0, 1], the first of these two.
    """

    masks: Tensor
    boxes: Tensor
    scores: Tensor
    presence: Tensor


@runtime_checkable
class ConceptSegmenter(Protocol):
    """Finds all instances of a concept (SAM 3)."""

    without_words: str
    """The text of a prompt that has exemplars and no words."""

    def find(
        self,
        images: Sequence[Image],
        prompts: Sequence[Sequence[ConceptPrompt]],
        min_score: float,
        min_mask: float,
    ) -> list[list[ConceptInstances]]:
        """Finds the instances of each image's concepts, each concept for itself.

        Args:
            images: The images.
            prompts: For each image, its concepts; may be empty.
            min_score: Instances are kept whose score is higher.
            min_mask: A pixel belongs to a mask where its chance is higher.

        Returns:
            For each image one result a concept; none found is zero rows.

        Raises:
            openseg.types.errors.InputError: If a text has no word or exceeds the model's limit.
        """
        ...
