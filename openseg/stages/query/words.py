"""The same words for every sample: a prompt that belongs to the method and not to the user.

"objects" makes a text detector propose things of any kind (Lu et al., 2024, arXiv:2405.17859);
frequent surroundings are named so that they can be told from what is asked for (ReCo).
"""

from __future__ import annotations

from typing import NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Image, TextQuery


@stage("query.words")
class Words(Stage):
    """Gives each sample the words of the settings; its inputs only say which samples there are.

    With `query` alone, what is made from the words is computed once for all images.
    """

    needs_one_of = (("image", "query"),)

    class Config(StageConfig):
        """Settings of `query.words`."""

        text: str = Field(
            "objects",
            min_length=1,
            description="Phrases separated by `;`. Source: NIDS-Net, TEXT_PROMPT.",
        )

    class Outputs(NamedTuple):
        """The words."""

        query: Batch[TextQuery]

    def run(
        self, image: Batch[Image] | None = None, query: Batch[TextQuery] | None = None
    ) -> Outputs:
        """Repeats the words."""
        words = ops.text.parse_query(self.config.text)
        return self.Outputs([words] * len(image or query or []))
