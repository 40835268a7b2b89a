"""Templates in an image-text space: each picture's masked crop, standing for the thing it shows.

What `embed.templates` does for features without words.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ImageTextEncoder
from openseg.stages.embed.templates import query_of
from openseg.types import Templates, TextEmbeddings, TextQuery


@stage("embed.template_crops")
class EmbedTemplateCrops(Stage):
    """Embeds the thing in each template as `embed.masked_crops` embeds regions."""

    class Config(StageConfig):
        """Settings of `embed.template_crops`."""

        margin: float = Field(
            0.1,
            ge=0,
            le=2,
            description="Room left around the thing on each side, as a share of its longer side. "
            "Ours, as in `embed.masked_crops`.",
        )

    class Outputs(NamedTuple):
        """One vector and one phrase a template; none where there is no template."""

        embeddings: Batch[TextEmbeddings]
        query: Batch[TextQuery]

    def __init__(self, config: Config, encoder: ImageTextEncoder) -> None:
        super().__init__(config)
        self.encoder = encoder

    def run(self, templates: Batch[Templates]) -> Outputs:
        """Embeds the templates of all samples together."""
        import torch

        fill, margin = self.encoder.mean_pixel, self.config.margin
        crops = [
            crop
            for some in templates
            for one in some.items
            for crop in ops.crops.masked_crops(one.image.pixels, one.mask[None], fill, margin)
        ]
        vectors = torch.split(self.encoder.encode_images(crops), [len(some) for some in templates])
        return self.Outputs(
            [TextEmbeddings(one) for one in vectors], [query_of(some) for some in templates]
        )
