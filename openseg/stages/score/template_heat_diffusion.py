"""Where something is like a thing on a support image, to the eyes of a diffusion model.

The Stable Diffusion half of Tang et al., IPSeg, IJCV 2024, arXiv:2310.10912; that its features
match things is from Zhang et al., "A Tale of Two Features", NeurIPS 2023, arXiv:2305.15347.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field, model_validator

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.tasks.diffusion import DiffusionFeatures, FeatureReading
from openseg.types import Heatmaps, Image, Phrases, Templates


@stage("score.template_heat_diffusion")
class ScoreTemplateHeatDiffusion(Stage):
    """A heat map for each thing that the templates show, from several blocks of the denoiser.

    Each block gives a cosine; their weighted mean `c` becomes `(1 + c) / 2`.
    """

    class Config(StageConfig):
        """Settings of `score.template_heat_diffusion`."""

        blocks: tuple[int, ...] = Field(
            (0, 1, 2),
            min_length=1,
            description="Up-sampling blocks, the coarsest is 0. Source: IPSeg, s5, s4 and s3.",
        )
        weights: tuple[float, ...] = Field(
            (0.3, 0.2, 0.1), description="Weight of each block. Source: IPSeg."
        )
        noise_level: float = Field(
            0.1,
            gt=0,
            le=1,
            description="Share of the training's time steps at which features are read. "
            "Source: A Tale of Two Features, step 100 of 1000.",
        )
        erode: int = Field(
            3,
            ge=1,
            le=99,
            description="Masks are eroded by a square of that side, odd; 1 leaves them. "
            "Source: IPSeg, 3x3.",
        )
        seed: int = Field(0, ge=0, description="Seed of the noise. Ours.")

        @model_validator(mode="after")
        def _a_weight_a_block(self) -> ScoreTemplateHeatDiffusion.Config:
            if len(self.weights) != len(self.blocks) or not sum(self.weights) > 0:
                raise ValueError(f"{len(self.blocks)} blocks need as many weights, above 0 in sum")
            return self

    class Outputs(NamedTuple):
        """A map a thing, and what each is of."""

        heatmaps: Batch[Heatmaps]
        phrases: Batch[Phrases]

    def __init__(self, config: Config, denoiser: DiffusionFeatures) -> None:
        super().__init__(config)
        self.denoiser = denoiser

    def run(self, image: Batch[Image], templates: Batch[Templates]) -> Outputs:
        """Compares every image with its templates; equal pictures are read once."""
        config = self.config
        reading = FeatureReading(config.blocks, config.noise_level, seed=config.seed)
        outputs = self.Outputs([], [])
        for one, some in zip(image, templates, strict=True):
            pictures = [one, *(template.image for template in some.items)]
            by_block = list(zip(*self.denoiser.features(pictures, reading), strict=True))
            masks = [ops.prototypes.eroded(t.mask, config.erode) for t in some.items]
            things = [template.phrase.class_id for template in some.items]
            finest = max((tuple(block[0].shape[1:]) for block in by_block), key=sum)
            total = sum(config.weights)
            heat = sum(
                weight
                / total
                * ops.heat.resized(
                    ops.prototypes.likeness(
                        block[0], ops.prototypes.prototypes(block[1:], masks, things)
                    ),
                    finest,
                )
                for weight, block in zip(config.weights, by_block, strict=True)
            )
            outputs.heatmaps.append(Heatmaps(((1 + heat) / 2).clamp(min=0), one.size))
            outputs.phrases.append(Phrases(some.things))
        return outputs
