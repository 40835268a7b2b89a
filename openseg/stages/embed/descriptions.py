"""What a language model said, in an image-text space."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ImageTextEncoder
from openseg.types import Descriptions, RegionEmbeddings, TextEmbeddings, TextQuery


@stage("embed.descriptions")
class EmbedDescriptions(Stage):
    """Embeds each description; a missing one is a zero vector, which is like nothing.

    With `query`, row i describes phrase i, and where it is missing the phrase's own words stand.
    """

    class Outputs(NamedTuple):
        """The same vectors twice: for what was said of regions, and of phrases."""

        regions: Batch[RegionEmbeddings]
        phrases: Batch[TextEmbeddings]

    def __init__(self, config: StageConfig, encoder: ImageTextEncoder) -> None:
        super().__init__(config)
        self.encoder = encoder

    def run(
        self, descriptions: Batch[Descriptions], query: Batch[TextQuery] | None = None
    ) -> Outputs:
        """Embeds the distinct texts of all samples together."""
        import torch

        queries: Sequence[TextQuery | None] = query or [None] * len(descriptions)
        said = [_texts(*pair) for pair in zip(descriptions, queries, strict=True)]
        texts = {text: None for some in said for text in some if text}
        vectors = self.encoder.encode_texts(list(texts))
        vectors = torch.cat([vectors, torch.zeros_like(vectors[:1].sum(0, keepdim=True))])
        row = {text: at for at, text in enumerate(texts)}
        found = [vectors[[row.get(text, -1) for text in some]] for some in said]
        return self.Outputs(
            [RegionEmbeddings(one.clone()) for one in found],  # files hold no tensor twice
            [TextEmbeddings(one) for one in found],
        )


def _texts(descriptions: Descriptions, query: TextQuery | None) -> list[str]:
    """What to embed of a sample; empty where there is nothing."""
    return [
        one.text or (query.phrases[row].text if query is not None else "")
        for row, one in enumerate(descriptions.items)
    ]
