"""Where to look closer for each phrase: where a language model looks when it is asked about it.

The idea of Shi et al., "Catching the Details: Self-Distilled RoI Predictors for Fine-Grained MLLM
Perception" (SD-RPN), 2025, arXiv:2509.16944, without its training: middle-layer attention, rid of
what it pays to the same tokens under any question (arXiv:2502.17422), thresholded.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field, field_validator

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ReplyAttention, VisualQuestion
from openseg.stages.prompt_files import PromptName, check_use, read_prompt
from openseg.types import Boxes, Heatmaps, Image, TextQuery


@stage("propose.region_of_interest")
class RegionOfInterest(Stage):
    """Gives one box a phrase, whether or not something is there."""

    class Config(StageConfig):
        """Settings of `propose.region_of_interest`."""

        prompt: PromptName = Field(
            "where",
            validate_default=True,
            description="The question about a phrase, with the slot `{phrase}`: a name, or a file.",
        )
        usual: PromptName = Field(
            "picture",
            validate_default=True,
            description="A question about nothing in particular, to compare with. "
            "Source: relative attention, arXiv:2502.17422.",
        )
        depth: float = Field(
            0.47,
            ge=0,
            le=1,
            description="Which layer is read, 0 the first and 1 the last. "
            "Source: SD-RPN, layer 15 of the 32 of LLaVA-1.5-7B.",
        )
        threshold: float = Field(
            0.5,
            gt=0,
            le=1,
            description="Least share of the greatest attention within the box. Ours.",
        )

        @field_validator("prompt", "usual")
        @classmethod
        def _usable(cls, prompt: str) -> str:
            return check_use(prompt, {"phrase"}, {"whole"})

    class Outputs(NamedTuple):
        """A box and a map for each phrase of the query."""

        boxes: Batch[Boxes]
        attention: Batch[Heatmaps]

    def __init__(self, config: Config, language: ReplyAttention) -> None:
        super().__init__(config)
        self.language = language
        self.asked = read_prompt(config.prompt).wording(language.wording)
        self.usual = read_prompt(config.usual).wording(language.wording)

    def run(self, image: Batch[Image], query: Batch[TextQuery]) -> Outputs:
        """Looks for every phrase of every query."""
        import torch

        outputs = self.Outputs([], [])
        for one, asked in zip(image, query, strict=True):
            words = [self.asked.words({"phrase": phrase.text}) for phrase in asked.phrases]
            words.append(self.usual.words({"phrase": asked.text}))
            questions = [VisualQuestion(text, (one.pixels,)) for text in words]
            *seen, usual = self.language.look(questions, self.config.depth)
            heat = torch.stack([ops.attended.relative_attention(each, usual) for each in seen])
            found = [
                ops.attended.attended_box(each, self.config.threshold, one.size) for each in heat
            ]
            outputs.boxes.append(Boxes(torch.stack(found)))
            outputs.attention.append(Heatmaps(heat, one.size))
        return outputs
