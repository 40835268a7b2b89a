"""Regions that fit something that is asked for."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Masks, Rows, Similarity


@stage("select.confident")
class SelectConfident(Stage):
    """Drops regions whose best score is low."""

    class Config(StageConfig):
        """Settings of `select.confident`."""

        min_score: float = Field(
            0.5,
            description="A region is kept where its best score is higher. "
            "Source: FrozenSeg, OpenSeg ensemble, 0.5.",
        )

    class Outputs(NamedTuple):
        """The regions kept, with all their scores."""

        masks: Batch[Masks]
        similarity: Batch[Similarity]
        rows: Batch[Rows]

    def run(self, masks: Batch[Masks], similarity: Batch[Similarity]) -> Outputs:
        """Selects on every sample."""
        outputs = self.Outputs([], [], [])
        for regions, one in zip(masks, similarity, strict=True):
            rows = (one.values.amax(dim=1) > self.config.min_score).nonzero()[:, 0]
            outputs.masks.append(Masks(regions.data[rows]))
            outputs.similarity.append(Similarity(one.values[rows]))
            outputs.rows.append(Rows(rows))
        return outputs
