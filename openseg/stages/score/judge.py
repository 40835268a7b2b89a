"""Whether each region is what a phrase means: a language model is asked and says yes or no.

Wang & Zhang, "RESAnything: Attribute Prompting for Arbitrary Referring Segmentation", NeurIPS 2025,
arXiv:2505.02867: text against text, and picture against text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field, field_validator

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import VisionLanguage
from openseg.stages.asking import Inquiry, Questioner
from openseg.stages.prompt_files import PromptName, check_use, read_prompt
from openseg.types import Answer, Descriptions, Image, Masks, Similarity, TextQuery
from openseg.types.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

YES, NO = "yes", "no"


@stage("score.judge")
class Judge(Stage):
    """Scores 1 where the answer is yes, 0 where it is no or missing.

    The prompt may use what was said about the phrases (`references`, a row a phrase) and about the
    regions (`candidates`, a row a region). Where a reference is missing, the phrase's own words
    stand; where a candidate is missing, nothing is asked.
    """

    class Config(StageConfig):
        """Settings of `score.judge`."""

        prompt: PromptName = Field(
            "shows_phrase",
            validate_default=True,
            description="The prompt: a name, or a file `*.yaml`, with the choices yes and no. It "
            "may show `whole`, `marked`, `crop` and `masked`; its slots are `{phrase}`, "
            "`{reference}` and `{candidate}`.",
        )
        max_tokens: int = Field(8, ge=1, description="Longest reply. Ours: a word.")
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
        def _usable(cls, name: str) -> str:
            for kind, wording in read_prompt(name).wordings.items():
                if wording.answer.choices != (YES, NO):
                    raise ValueError(f"prompt '{name}', '{kind}': `choices` must be [yes, no]")
            slots = {"phrase", "reference", "candidate"}
            return check_use(name, slots, {"whole", "marked", "crop", "masked"})

    class Outputs(NamedTuple):
        """Regions by phrases, and the answers behind it."""

        similarity: Batch[Similarity]
        answers: Batch[Descriptions]

    def __init__(self, config: Config, language: VisionLanguage) -> None:
        super().__init__(config)
        self.questioner = Questioner(language, config.prompt, config.max_tokens)

    def run(
        self,
        image: Batch[Image],
        masks: Batch[Masks],
        query: Batch[TextQuery],
        references: Batch[Descriptions] | None = None,
        candidates: Batch[Descriptions] | None = None,
    ) -> Outputs:
        """Asks about all pairs of all samples together.

        Raises:
            InputError: If the prompt uses what is not connected.
        """
        for slot, given in (("reference", references), ("candidate", candidates)):
            if slot in self.questioner.slots and given is None:
                raise InputError(
                    f"the prompt '{self.config.prompt}' has the slot '{slot}'",
                    fix=f"connect `{slot}s`",
                )
        nothing = [None] * len(image)
        columns = zip(
            image, masks, query, references or nothing, candidates or nothing, strict=True
        )
        inquiries = [
            list(self._pairs(one, regions, asked, told, said))
            for one, regions, asked, told, said in columns
        ]
        answers = iter(self.questioner.ask([one for some in inquiries for one in some]))
        outputs = self.Outputs([], [])
        for regions, asked, some in zip(masks, query, inquiries, strict=True):
            found = [next(answers) for _ in some]
            outputs.similarity.append(_agreement(found, regions, len(asked.phrases)))
            outputs.answers.append(Descriptions(tuple(found), len(asked.phrases)))
        return outputs

    def _pairs(
        self,
        image: Image,
        masks: Masks,
        query: TextQuery,
        references: Descriptions | None,
        candidates: Descriptions | None,
    ) -> Iterator[Inquiry]:
        """Every region with every phrase, region by region."""
        shown: list[tuple[Tensor, ...]] = ops.pictures.pictures_of_masks(
            image.pixels,
            masks.data,
            self.questioner.pictures,
            self.config.fill,
            self.config.margin,
        )
        for row, pictures in enumerate(shown):
            for column, phrase in enumerate(query.phrases):
                slots = {"phrase": phrase.text}
                if references is not None and "reference" in self.questioner.slots:
                    slots["reference"] = references.items[column].text or phrase.text
                if candidates is not None and "candidate" in self.questioner.slots:
                    slots["candidate"] = candidates.items[row].text
                lacks = " and no ".join(name for name, text in slots.items() if not text)
                yield Inquiry(slots, pictures, f"there is no {lacks} text" if lacks else "")


def _agreement(answers: list[Answer], masks: Masks, phrases: int) -> Similarity:
    import torch

    yes = [float(one.text == YES) for one in answers]
    values = torch.tensor(yes, dtype=torch.float32, device=masks.data.device)
    return Similarity(values.reshape(len(masks), phrases))
