"""The regions that fit each phrase best."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Masks, Phrases, Rows, Scores, Similarity, TextQuery


@stage("select.best")
class SelectBest(Stage):
    """Keeps, phrase by phrase, the most similar regions."""

    class Config(StageConfig):
        """Settings of `select.best`."""

        top: int = Field(
            1, ge=1, description="Regions kept a phrase. Source: zero-shot referring, argmax."
        )
        min_similarity: float = Field(
            -1.0, ge=-1, le=1, description="Regions less similar to the phrase are dropped. Ours."
        )

    class Outputs(NamedTuple):
        """The regions kept, phrase by phrase, best first."""

        masks: Batch[Masks]
        scores: Batch[Scores]
        phrases: Batch[Phrases]
        rows: Batch[Rows]

    def run(
        self, masks: Batch[Masks], similarity: Batch[Similarity], query: Batch[TextQuery]
    ) -> Outputs:
        """Selects on every sample."""
        outputs = self.Outputs([], [], [], [])
        for regions, fit, one in zip(masks, similarity, query, strict=True):
            values, rows = fit.values.sort(dim=0, descending=True, stable=True)
            values, rows = values[: self.config.top].T, rows[: self.config.top].T
            keep = values >= self.config.min_similarity
            phrase = keep.nonzero()[:, 0].tolist()
            outputs.masks.append(Masks(regions.data[rows[keep]]))
            outputs.scores.append(Scores(values[keep]))
            outputs.phrases.append(Phrases(tuple(one.phrases[i] for i in phrase)))
            outputs.rows.append(Rows(rows[keep]))
        return outputs
