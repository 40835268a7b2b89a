"""What each thing of a sentence looks like on its own: the words for detectors and encoders.

Detectors and image-text encoders know things and their looks; what stands where and which of
several is meant are for a stage that sees all regions, as `score.sentence`.
"""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage
from openseg.ops import sentences
from openseg.types import ParsedQuery, TextQuery


@stage("query.looks")
class Looks(Stage):
    """Describes every noun by its adjectives, without comparisons, counts and other things.

    "The largest mug that is red, left of the lamp" gives "red mug" and "lamp"; "the mug that is
    not plain" gives "mug", and "plain mug" for what is denied.
    """

    class Outputs(NamedTuple):
        """The descriptions, each a phrase and a class of its own."""

        looks: Batch[TextQuery]

    def run(self, query: Batch[TextQuery], parsed: Batch[ParsedQuery]) -> Outputs:
        """Describes the nouns of every query."""
        pairs = zip(query, parsed, strict=True)
        return self.Outputs([sentences.looks.as_query(one, trees.phrases) for one, trees in pairs])
