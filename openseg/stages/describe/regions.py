"""What each region is, in a language model's words: candidates to compare with a query.

Wang & Zhang, "RESAnything: Attribute Prompting for Arbitrary Referring Segmentation", NeurIPS 2025,
arXiv:2505.02867: the candidate text of every proposal, from its crop on black.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field, field_validator

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import VisionLanguage
from openseg.stages.asking import Inquiry, Questioner
from openseg.stages.prompt_files import PromptName, check_use
from openseg.types import Descriptions, Image, Masks


@stage("describe.regions")
class DescribeRegions(Stage):
    """Asks one question about each region; without the query, so that queries share the answers."""

    class Config(StageConfig):
        """Settings of `describe.regions`."""

        prompt: PromptName = Field(
            "candidate",
            validate_default=True,
            description="The prompt: a name, or a file `*.yaml`. It may show `whole`, `marked`, "
            "`crop` and `masked`; it has no slots.",
        )
        max_tokens: int = Field(
            128, ge=1, description="Longest reply. Source: RESAnything's code, max_new_tokens."
        )
        fill: tuple[int, int, int] = Field(
            (0, 0, 0), description="RGB in 0-255 outside of masks. Source: RESAnything, black."
        )
        margin: float = Field(
            0.1,
            ge=0,
            le=4,
            description="Room around the region in its crop, as a share of its longer side. Ours, "
            "as the mini models were trained.",
        )

        @field_validator("prompt")
        @classmethod
        def _usable(cls, prompt: str) -> str:
            return check_use(prompt, set(), {"whole", "marked", "crop", "masked"})

    class Outputs(NamedTuple):
        """One answer a region."""

        descriptions: Batch[Descriptions]

    def __init__(self, config: Config, language: VisionLanguage) -> None:
        super().__init__(config)
        self.questioner = Questioner(language, config.prompt, config.max_tokens)

    def run(self, image: Batch[Image], masks: Batch[Masks]) -> Outputs:
        """Asks about all regions of all images together."""
        shown = [
            ops.pictures.pictures_of_masks(
                one.pixels,
                regions.data,
                self.questioner.pictures,
                self.config.fill,
                self.config.margin,
            )
            for one, regions in zip(image, masks, strict=True)
        ]
        answers = iter(self.questioner.ask([Inquiry({}, some) for each in shown for some in each]))
        return self.Outputs([Descriptions(tuple(next(answers) for _ in each)) for each in shown])
