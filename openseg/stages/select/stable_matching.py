"""Each thing is one region and each region one thing, and no pair would rather have each other.

Gale and Shapley, "College Admissions and the Stability of Marriage", 1962. Both sides rank by one
score here, so the best pair of all is stable, then the best of the rest, and so on. Lu et al.
(NIDS-Net), 2024, arXiv:2405.17859, match so where every instance occurs once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Masks, Phrases, Rows, Scores, Similarity, TextQuery

if TYPE_CHECKING:
    from torch import Tensor


@stage("select.stable_matching")
class StableMatching(Stage):
    """Keeps at most one region a class; the score of a class is that of its best phrase."""

    class Config(StageConfig):
        """Settings of `select.stable_matching`."""

        min_score: float = Field(
            -1.0, ge=-1, le=1, description="Weaker pairs are dropped. Source: NIDS-Net, none."
        )

    class Outputs(NamedTuple):
        """The regions kept, best first, each labelled with the first phrase of its class."""

        masks: Batch[Masks]
        scores: Batch[Scores]
        phrases: Batch[Phrases]
        rows: Batch[Rows]

    def run(
        self, masks: Batch[Masks], similarity: Batch[Similarity], query: Batch[TextQuery]
    ) -> Outputs:
        """Matches on every sample."""
        import torch

        outputs = self.Outputs([], [], [], [])
        for regions, fit, asked in zip(masks, similarity, query, strict=True):
            values = ops.classes.per_class(fit.values, asked.phrases)
            pairs = [p for p in _pairs(values) if float(values[p]) >= self.config.min_score]
            rows, columns = (
                torch.tensor(pairs, dtype=torch.int64, device=values.device).reshape(-1, 2).T
            )
            names = ops.classes.class_phrases(asked.phrases)
            outputs.masks.append(Masks(regions.data[rows]))
            outputs.scores.append(Scores(values[rows, columns]))
            outputs.phrases.append(Phrases(tuple(names[place] for _, place in pairs)))
            outputs.rows.append(Rows(rows))
        return outputs


def _pairs(values: Tensor) -> list[tuple[int, int]]:
    """The stable pairs of rows and columns, best first; of equal pairs the earlier row wins."""
    count = values.shape[1]
    free_rows, free_columns = set(range(len(values))), set(range(count))
    pairs = []
    for place in values.flatten().argsort(descending=True, stable=True).tolist():
        row, column = divmod(place, count)
        if row in free_rows and column in free_columns:
            pairs.append((row, column))
            free_rows.remove(row)
            free_columns.remove(column)
    return pairs
