"""A map for each phrase: how well every cell of the image's dense features fits its vector.

The dense classifiers of Zhou et al. (MaskCLIP), ECCV 2022, arXiv:2112.01071, and Shin, Xie and
Albanie (ReCo), NeurIPS 2022, arXiv:2206.07045.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import FeatureMap, Heatmaps, Phrases, TextEmbeddings, TextQuery


@stage("score.dense_cosine")
class DenseCosine(Stage):
    """Scores every cell for every phrase by the sigmoid of their scaled cosine."""

    class Config(StageConfig):
        """Settings of `score.dense_cosine`."""

        temperature: float = Field(
            10.0,
            gt=0,
            description="Factor on cosines before the sigmoid. "
            "Source: ReCo's code, 10 for words and 1 for prototypes.",
        )

    class Outputs(NamedTuple):
        """A map a phrase, in (0, 1), and what each is of."""

        heatmaps: Batch[Heatmaps]
        phrases: Batch[Phrases]

    def run(
        self,
        features: Batch[FeatureMap],
        vectors: Batch[TextEmbeddings],
        query: Batch[TextQuery],
    ) -> Outputs:
        """Scores every sample; `vectors` are the query's phrases in the space of the cells."""
        import torch

        outputs = self.Outputs([], [])
        for one, words, asked in zip(features, vectors, query, strict=True):
            cosines = torch.einsum("pd,dhw->phw", words.vectors, one.values)
            values = (self.config.temperature * cosines).sigmoid()
            outputs.heatmaps.append(Heatmaps(values, one.size))
            outputs.phrases.append(Phrases(asked.phrases))
        return outputs
