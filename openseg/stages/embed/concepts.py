"""What words mean in an image: their embeddings, fitted so that a frozen diffusion model sees it.

Mask prompt inversion of Liu et al., "Segment Anyword", ICML 2025, arXiv:2505.17994; the fitting is
Gal et al., "An Image is Worth One Word", ICLR 2023, arXiv:2208.01618.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.tasks.diffusion import ConceptInversion, Fitting, OpenText
from openseg.types import Concepts, Image, Phrase, Phrases, TextQuery


@stage("embed.concepts")
class EmbedConcepts(Stage):
    """Fits the given words of each phrase to the image; the phrase's other words stay as they are.

    Each phrase is fitted by itself, begun at what its words mean everywhere.
    """

    class Config(StageConfig):
        """Settings of `embed.concepts`; defaults are those of Segment Anyword."""

        steps: int = Field(
            1100, ge=0, description="Steps of the optimiser. Source: Segment Anyword."
        )
        draws: int = Field(
            8,
            ge=1,
            description="Draws of noise and time step a step, its batch. Source: Segment Anyword.",
        )
        learning_rate: float = Field(
            0.005, gt=0, description="Of AdamW. Source: Segment Anyword, base learning rate."
        )
        seed: int = Field(0, ge=0, description="Seed of the draws. Ours.")

    class Outputs(NamedTuple):
        """One concept a phrase."""

        concepts: Batch[Concepts]

    def __init__(self, config: Config, denoiser: ConceptInversion) -> None:
        super().__init__(config)
        self.denoiser = denoiser

    def run(self, image: Batch[Image], query: Batch[TextQuery], words: Batch[Phrases]) -> Outputs:
        """Fits the phrases of all images together."""
        texts = [
            [_open(phrase, some) for phrase in one.phrases]
            for one, some in zip(query, words, strict=True)
        ]
        config = self.config
        fitting = Fitting(config.steps, config.draws, config.learning_rate, config.seed)
        found = self.denoiser.invert(image, texts, fitting)
        return self.Outputs([Concepts(tuple(some)) for some in found])


def _open(phrase: Phrase, words: Phrases) -> OpenText:
    """The phrase with those of the words that stand in it."""
    first, last = phrase.span
    inside = [one.span for one in words.items if first <= one.span[0] and one.span[1] <= last]
    return OpenText(phrase.text, tuple((start - first, end - first) for start, end in inside))
