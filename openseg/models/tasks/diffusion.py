"""What stages may ask of a text-to-image diffusion model, besides where it looks for words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor

    from openseg.types import Concept, Image


@dataclass(frozen=True)
class OpenText:
    """A text some of whose words may come to mean something else.

    Attributes:
        text: The text.
        words: Start and end in characters of each such word; may be empty.
    """

    text: str
    words: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Fitting:
    """How words are fitted to an image.

    Attributes:
        steps: Steps of the optimiser.
        draws: Draws of noise and time step that the loss of a step is averaged over.
        learning_rate: Of AdamW with its usual settings.
        seed: Seed of the draws; they are the same for every image and text.
    """

    steps: int
    draws: int = 8
    learning_rate: float = 0.005
    seed: int = 0


@runtime_checkable
class ConceptInversion(Protocol):
    """Finds what words mean in an image: textual inversion (Stable Diffusion)."""

    def invert(
        self, images: Sequence[Image], texts: Sequence[Sequence[OpenText]], fitting: Fitting
    ) -> list[list[Concept]]:
        """Fits the embeddings of words so that the frozen model denoises the image best.

        Args:
            images: The images.
            texts: For each image, texts that are fitted one by one; may be empty.
            fitting: How.

        Returns:
            For each image one result a text. Where a text opens no word, nothing is fitted.

        Raises:
            openseg.types.errors.InputError: If a text exceeds the model's limit.
        """
        ...


@dataclass(frozen=True)
class FeatureReading:
    """How features of a denoiser are read.

    Attributes:
        blocks: Which of its up-sampling blocks to read, the coarsest is 0.
        noise_level: How far into the noise the image is brought, a share of the model's training
            time steps in (0, 1].
        text: The caption the model is given.
        seed: Seed of the noise, the same for every image.
    """

    blocks: tuple[int, ...]
    noise_level: float = 0.1
    text: str = ""
    seed: int = 0


@runtime_checkable
class DiffusionFeatures(Protocol):
    """Gives the features inside a denoiser (Stable Diffusion)."""

    def features(self, images: Sequence[Image], reading: FeatureReading) -> list[list[Tensor]]:
        """Reads the outputs of up-sampling blocks.

        Args:
            images: The images.
            reading: Where and at which noise.

        Returns:
            For each image, for each block that is read, float32 `[d, gh, gw]`; the grid covers the
            whole image.

        Raises:
            openseg.types.errors.InputError: If the model has no such block.
        """
        ...
