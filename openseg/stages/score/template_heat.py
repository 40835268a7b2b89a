"""Where something is like a thing on a support image: cosine to the thing's mean feature.

The DINOv2 half of Tang et al., IPSeg, IJCV 2024, arXiv:2310.10912.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ImageEncoder
from openseg.types import Heatmaps, Image, Phrases, Templates


@stage("score.template_heat")
class ScoreTemplateHeat(Stage):
    """A heat map for each thing that the templates show; values are `(1 + cosine) / 2`."""

    class Config(StageConfig):
        """Settings of `score.template_heat`."""

        erode: int = Field(
            3,
            ge=1,
            le=99,
            description="Masks are eroded by a square of that side, odd; 1 leaves them. "
            "Source: IPSeg, 3x3.",
        )

    class Outputs(NamedTuple):
        """A map a thing, and what each is of."""

        heatmaps: Batch[Heatmaps]
        phrases: Batch[Phrases]

    def __init__(self, config: Config, encoder: ImageEncoder) -> None:
        super().__init__(config)
        self.encoder = encoder

    def run(self, image: Batch[Image], templates: Batch[Templates]) -> Outputs:
        """Compares every image with its templates; equal pictures are encoded once."""
        outputs = self.Outputs([], [])
        for one, some in zip(image, templates, strict=True):
            pictures = [one, *(template.image for template in some.items)]
            seen, *shown = (found.patches for found in self.encoder.encode(pictures))
            masks = [ops.prototypes.eroded(t.mask, self.config.erode) for t in some.items]
            things = [template.phrase.class_id for template in some.items]
            vectors = ops.prototypes.prototypes(shown, masks, things)
            heat = (1 + ops.prototypes.likeness(seen, vectors)) / 2
            outputs.heatmaps.append(Heatmaps(heat.clamp(min=0), one.size))
            outputs.phrases.append(Phrases(some.things))
        return outputs
