"""Several opinions on how well regions fit phrases, as one: their weighted sum or product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Similarity
from openseg.types.errors import InputError


@stage("fuse.similarities")
class FuseSimilarities(Stage):
    """Joins up to four similarities of the same regions and phrases, each with its weight."""

    class Config(StageConfig):
        """Settings of `fuse.similarities`."""

        weights: tuple[float, ...] = Field(
            (),
            max_length=4,
            description="One for each connected input, in the order first to fourth; empty for "
            "the mean. Ours.",
        )

        join: Literal["sum", "product"] = Field(
            "sum",
            description="product: each, if above 0, to the power of its weight, so that all must "
            "agree. Ours.",
        )

    class Outputs(NamedTuple):
        """Regions by phrases."""

        similarity: Batch[Similarity]

    def run(
        self,
        first: Batch[Similarity],
        second: Batch[Similarity],
        third: Batch[Similarity] | None = None,
        fourth: Batch[Similarity] | None = None,
    ) -> Outputs:
        """Joins on every sample.

        Raises:
            InputError: If there are more or fewer weights than inputs.
        """
        given = [one for one in (first, second, third, fourth) if one is not None]
        weights = self.config.weights or (1 / len(given),) * len(given)
        if len(weights) != len(given):
            raise InputError(
                f"{len(weights)} weights for {len(given)} similarities",
                fix="give one weight for each connected input",
            )
        join = _sum if self.config.join == "sum" else _product
        return self.Outputs([join(some, weights) for some in zip(*given, strict=True)])


def _sum(similarities: Sequence[Similarity], weights: Sequence[float]) -> Similarity:
    import torch

    pairs = zip(weights, similarities, strict=True)
    return Similarity(torch.stack([weight * one.values for weight, one in pairs]).sum(0))


def _product(similarities: Sequence[Similarity], weights: Sequence[float]) -> Similarity:
    import torch

    pairs = zip(weights, similarities, strict=True)
    return Similarity(
        torch.stack([one.values.clamp(min=0) ** weight for weight, one in pairs]).prod(0)
    )
