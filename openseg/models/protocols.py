"""What stages may ask of a model: one protocol a task, nothing about any family.

All calls are batched over images and ragged over regions and phrases. Tensors go in and come out on
the model's device. Every adapter encodes an image at most once while it is being worked on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.types import Image


@dataclass(frozen=True, eq=False)
class TextDetections:
    """Boxes of one image with a score for every phrase.

    Attributes:
        boxes: float32 `[m, 4]` xyxy in pixels of the original image, clipped to it.
        scores: float32 `[m, p]` in [0, 1]: boxes by the phrases that were asked for.
    """

    boxes: Tensor
    scores: Tensor


@runtime_checkable
class TextDetector(Protocol):
    """Finds boxes for phrases (Grounding DINO, OWLv2)."""

    def detect(
        self, images: Sequence[Image], phrases: Sequence[Sequence[str]], min_score: float
    ) -> list[TextDetections]:
        """Detects each image's phrases.

        Args:
            images: The images.
            phrases: For each image, one or more phrases; split into several prompts by the adapter
                where a model's text limit asks for it, so that no phrase is cut or merged.
            min_score: Boxes whose best score is below it are dropped early.

        Returns:
            One result an image, boxes in descending order of their best score.

        Raises:
            openseg.types.errors.InputError: If a single phrase exceeds the model's text limit.
        """
        ...


@dataclass(frozen=True, eq=False)
class Prompts:
    """Geometric prompts on one image, a row a region; columns that are None are not used.

    Attributes:
        boxes: float32 `[n, 4]` xyxy pixels.
        points: float32 `[n, k, 2]` xy pixels.
        point_labels: int64 `[n, k]`: 1 inside, 0 outside, -1 padding.
        logits: float32 `[n, lh, lw]` low-resolution mask logits of an earlier round.
    """

    boxes: Tensor | None = None
    points: Tensor | None = None
    point_labels: Tensor | None = None
    logits: Tensor | None = None


@dataclass(frozen=True, eq=False)
class MaskLogits:
    """Mask candidates of one image, kept small until someone needs pixels.

    Attributes:
        logits: float32 `[n, c, lh, lw]` low-resolution logits, `c` candidates a region.
        quality: float32 `[n, c]` the model's own estimate of each candidate's IoU.
    """

    logits: Tensor
    quality: Tensor


@runtime_checkable
class PromptSegmenter(Protocol):
    """Turns boxes and points into masks (SAM, SAM 2)."""

    def segment(
        self, images: Sequence[Image], prompts: Sequence[Prompts], candidates: bool
    ) -> list[MaskLogits]:
        """Predicts masks for each image's prompts; an image is encoded once for all of them.

        Args:
            images: The images.
            prompts: For each image, its prompts; zero rows are allowed.
            candidates: True for the model's several candidates a prompt (`c` = 3), False for its
                single-mask output (`c` = 1).
        """
        ...

    def pixels(self, logits: Tensor, size: tuple[int, int]) -> Tensor:
        """Brings low-resolution logits to an image's size.

        Args:
            logits: float32 `[n, lh, lw]` as `segment` gave them.
            size: Height and width of the original image.

        Returns:
            float32 `[n, h, w]` logits; a pixel is in the mask where they are above 0.
        """
        ...


@runtime_checkable
class ImageTextEncoder(Protocol):
    """Embeds images and texts in one space (CLIP, SigLIP)."""

    mean_pixel: tuple[int, int, int]
    """RGB in 0-255 that becomes about zero after normalisation: the fill of masked crops."""

    def encode_images(self, images: Sequence[Tensor]) -> Tensor:
        """Embeds images or crops of any size.

        Args:
            images: uint8 `[3, h, w]` each; may be empty.

        Returns:
            float32 `[n, d]`, unit length.
        """
        ...

    def encode_texts(self, texts: Sequence[str]) -> Tensor:
        """Embeds texts.

        Returns:
            float32 `[n, d]`, unit length.
        """
        ...

    def logits(self, image_vectors: Tensor, text_vectors: Tensor) -> Tensor:
        """The model's own scaled similarity (temperature, and bias where it has one).

        Args:
            image_vectors: float32 `[n, d]`.
            text_vectors: float32 `[p, d]`.

        Returns:
            float32 `[n, p]`.
        """
        ...


@dataclass(frozen=True, eq=False)
class ImageFeatures:
    """Self-supervised features of one image.

    Attributes:
        summary: float32 `[d]`, the class token.
        patches: float32 `[d, gh, gw]`, one vector a patch, not normalised; the grid covers the
            whole image.
    """

    summary: Tensor
    patches: Tensor


@runtime_checkable
class ImageEncoder(Protocol):
    """Gives dense features without words (DINOv2)."""

    def encode(self, images: Sequence[Image]) -> list[ImageFeatures]:
        """Encodes images of any size."""
        ...
