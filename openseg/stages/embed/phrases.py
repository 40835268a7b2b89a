"""The query's phrases in an image-text space, averaged over prompt templates.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021,
arXiv:2103.00020, section 3.1.4 (prompt ensembling).
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field, field_validator

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ImageTextEncoder
from openseg.types import TextEmbeddings, TextQuery


@stage("embed.phrases")
class EmbedPhrases(Stage):
    """Embeds each phrase of the query; a phrase that occurs in many samples is embedded once."""

    class Config(StageConfig):
        """Settings of `embed.phrases`."""

        templates: tuple[str, ...] = Field(
            ("a photo of {}",),
            min_length=1,
            description="Prompts with one `{}` for the phrase; their vectors are averaged. "
            "Source: CLIP, default zero-shot prompt.",
        )

        @field_validator("templates")
        @classmethod
        def _one_slot(cls, templates: tuple[str, ...]) -> tuple[str, ...]:
            for template in templates:
                if template.count("{}") != 1 or template.count("{") != 1:
                    raise ValueError(f"template '{template}' must contain '{{}}' exactly once")
            return templates

    class Outputs(NamedTuple):
        """One vector a phrase."""

        embeddings: Batch[TextEmbeddings]

    def __init__(self, config: Config, encoder: ImageTextEncoder) -> None:
        super().__init__(config)
        self.encoder = encoder

    def run(self, query: Batch[TextQuery]) -> Outputs:
        """Embeds the distinct phrases of all queries together."""
        import torch

        words = list(dict.fromkeys(phrase.text for one in query for phrase in one.phrases))
        templates = self.config.templates
        prompts = [template.replace("{}", text) for text in words for template in templates]
        vectors = self.encoder.encode_texts(prompts)
        mean = vectors.reshape(len(words), len(templates), vectors.shape[-1]).mean(dim=1)
        unit = torch.nn.functional.normalize(mean, dim=-1)
        row = {text: i for i, text in enumerate(words)}
        return self.Outputs(
            [TextEmbeddings(unit[[row[phrase.text] for phrase in one.phrases]]) for one in query]
        )
