"""What the query's phrases mean in this picture, in a language model's words.

Li et al., "LGD: Leveraging Generative Descriptions for Zero-Shot Referring Image Segmentation",
2025, arXiv:2504.14467; Wang & Zhang, "RESAnything", NeurIPS 2025, arXiv:2505.02867.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field, field_validator

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import VisionLanguage
from openseg.stages.asking import Inquiry, Questioner
from openseg.stages.prompt_files import PromptName, check_use
from openseg.types import Boxes, Descriptions, Image, TextQuery
from openseg.types.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

BLACK = (0, 0, 0)


@stage("describe.phrases")
class DescribePhrases(Stage):
    """Asks about each phrase of the query.

    With `boxes`, row i is where to look closer for phrase i: prompts can show it.
    """

    class Config(StageConfig):
        """Settings of `describe.phrases`."""

        prompt: PromptName = Field(
            "attributes",
            validate_default=True,
            description="The prompt: a name, or a file `*.yaml`. It may show `whole`, and with "
            "`boxes` connected `marked` and `crop`; its slot is `{phrase}`.",
        )
        max_tokens: int = Field(
            128, ge=1, description="Longest reply. Source: RESAnything's code, max_new_tokens."
        )
        margin: float = Field(
            0.1,
            ge=0,
            le=4,
            description="Room around a box in its crop, as a share of its longer side. Ours.",
        )

        @field_validator("prompt")
        @classmethod
        def _usable(cls, prompt: str) -> str:
            return check_use(prompt, {"phrase"}, {"whole", "marked", "crop"})

    class Outputs(NamedTuple):
        """One answer a phrase."""

        descriptions: Batch[Descriptions]

    def __init__(self, config: Config, language: VisionLanguage) -> None:
        super().__init__(config)
        self.questioner = Questioner(language, config.prompt, config.max_tokens)

    def run(
        self,
        image: Batch[Image],
        query: Batch[TextQuery],
        boxes: Batch[Boxes] | None = None,
    ) -> Outputs:
        """Asks about all phrases of all queries together.

        Raises:
            InputError: If the prompt shows regions and no boxes are connected.
        """
        inquiries = []
        for row, (one, asked) in enumerate(zip(image, query, strict=True)):
            shown = self._pictures(one, len(asked.phrases), boxes[row] if boxes else None)
            inquiries += [
                Inquiry({"phrase": phrase.text}, pictures)
                for phrase, pictures in zip(asked.phrases, shown, strict=True)
            ]
        answers = iter(self.questioner.ask(inquiries))
        return self.Outputs(
            [Descriptions(tuple(next(answers) for _ in asked.phrases)) for asked in query]
        )

    def _pictures(self, image: Image, count: int, boxes: Boxes | None) -> list[tuple[Tensor, ...]]:
        kinds = self.questioner.pictures
        if set(kinds) <= {"whole"}:
            return [(image.pixels,) * len(kinds)] * count
        if boxes is None:
            raise InputError(
                f"the prompt '{self.config.prompt}' shows where to look closer",
                fix="connect `boxes`, for example those of propose.region_of_interest",
            )
        return ops.pictures.pictures_of_boxes(
            image.pixels, boxes.xyxy, kinds, BLACK, self.config.margin
        )
