"""Pictures that show what a word names, looked up in an archive that nobody labelled.

Shin, Xie and Albanie, "ReCo: Retrieve and Co-segment for Zero-shot Transfer", NeurIPS 2022,
arXiv:2206.07045, section 3.1.
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ImageTextEncoder
from openseg.models.tasks.archive import ImageArchive
from openseg.types import Neighbours, TextEmbeddings


@stage("query.retrieve")
class Retrieve(Stage):
    """Finds, for each phrase, the pictures of the archive that are nearest to its words."""

    class Config(StageConfig):
        """Settings of `query.retrieve`."""

        count: int = Field(
            50, ge=1, le=1000, description="Pictures a phrase. Source: ReCo, section 4.2, k = 50."
        )

    class Outputs(NamedTuple):
        """Places in the archive."""

        neighbours: Batch[Neighbours]

    def __init__(self, config: Config, archive: ImageArchive, encoder: ImageTextEncoder) -> None:
        super().__init__(config)
        self.archive = archive
        self.encoder = encoder

    def run(self, words: Batch[TextEmbeddings]) -> Outputs:
        """Looks every phrase up; `words` must be of the encoder that embeds the archive."""
        found = [
            self.archive.nearest(one.vectors, self.config.count, self.encoder) for one in words
        ]
        return self.Outputs([Neighbours(one) for one in found])
