"""One question about the whole picture, for methods that need its gist."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field, field_validator

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import VisionLanguage
from openseg.stages.asking import Inquiry, Questioner
from openseg.stages.prompt_files import PromptName, check_use
from openseg.types import Descriptions, Image


@stage("describe.picture")
class DescribePicture(Stage):
    """Asks one question about each picture."""

    class Config(StageConfig):
        """Settings of `describe.picture`."""

        prompt: PromptName = Field(
            "picture",
            validate_default=True,
            description="The prompt: a name, or a file `*.yaml`. It shows the whole picture.",
        )
        max_tokens: int = Field(
            128, ge=1, description="Longest reply. Source: RESAnything's code, max_new_tokens."
        )

        @field_validator("prompt")
        @classmethod
        def _usable(cls, prompt: str) -> str:
            return check_use(prompt, set(), {"whole"})

    class Outputs(NamedTuple):
        """One answer a picture."""

        descriptions: Batch[Descriptions]

    def __init__(self, config: Config, language: VisionLanguage) -> None:
        super().__init__(config)
        self.questioner = Questioner(language, config.prompt, config.max_tokens)

    def run(self, image: Batch[Image]) -> Outputs:
        """Asks about all pictures together."""
        shown = [(one.pixels,) * len(self.questioner.pictures) for one in image]
        answers = self.questioner.ask([Inquiry({}, pictures) for pictures in shown])
        return self.Outputs([Descriptions((answer,)) for answer in answers])
