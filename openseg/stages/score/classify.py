"""How likely each region is each of the things that are asked for: zero-shot classification.

Radford et al. (CLIP), ICML 2021, arXiv:2103.00020. Several names of one class: the best counts, as
in Ghiasi et al. (OpenSeg), ECCV 2022, arXiv:2112.12143.
"""

from __future__ import annotations

from typing import NamedTuple

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ImageTextEncoder
from openseg.types import RegionEmbeddings, Similarity, TextEmbeddings, TextQuery


@stage("score.classify")
class Classify(Stage):
    """Chances over the classes of the query; every phrase of a class has the class's chance."""

    class Outputs(NamedTuple):
        """Regions by phrases, in [0, 1]."""

        similarity: Batch[Similarity]

    def __init__(self, config: StageConfig, encoder: ImageTextEncoder) -> None:
        super().__init__(config)
        self.encoder = encoder

    def run(
        self,
        regions: Batch[RegionEmbeddings],
        phrases: Batch[TextEmbeddings],
        query: Batch[TextQuery],
    ) -> Outputs:
        """Classifies with the encoder's own temperature."""
        found = []
        for one, words, asked in zip(regions, phrases, query, strict=True):
            logits = self.encoder.logits(one.vectors, words.vectors)
            chances = ops.classes.per_class(logits, asked.phrases).softmax(dim=1)
            found.append(Similarity(ops.classes.per_phrase(chances, asked.phrases)))
        return self.Outputs(found)
