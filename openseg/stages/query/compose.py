"""Words, pictures and what is drawn on the image as one query: the sum of their vectors.

After Zou et al., "Segment Everything Everywhere All at Once" (SEEM), NeurIPS 2023,
arXiv:2304.06718, whose decoder composes prompts of all kinds in a joint visual-semantic space.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import Phrase, RegionEmbeddings, TextEmbeddings, TextQuery

if TYPE_CHECKING:
    from torch import Tensor

_UNNAMED = TextQuery("", (Phrase("", 0, (0, 0)),))
"""The query where nothing is named: one thing without words."""


@stage("query.compose")
class ComposeQuery(Stage):
    """Adds up what is known of each thing asked for; any part may be missing.

    The things are the phrases of the query, or else what the pictures show, or else one thing
    without a name. Pictures belong to the thing of their class, what is drawn to all things.
    """

    needs_one_of = (("words", "pictures", "drawn"),)

    class Config(StageConfig):
        """Settings of `query.compose`."""

        word_weight: float = Field(
            1.0, ge=0, description="Weight of words. Ours: all kinds count alike."
        )
        picture_weight: float = Field(
            1.0, ge=0, description="Weight of the mean of a thing's pictures. Ours."
        )
        drawn_weight: float = Field(
            1.0, ge=0, description="Weight of the mean of what is drawn. Ours."
        )

    class Outputs(NamedTuple):
        """One vector a thing, zero where nothing is known of it, and the things."""

        embeddings: Batch[TextEmbeddings]
        query: Batch[TextQuery]

    def run(
        self,
        query: Batch[TextQuery] | None = None,
        words: Batch[TextEmbeddings] | None = None,
        things: Batch[TextQuery] | None = None,
        pictures: Batch[TextEmbeddings] | None = None,
        drawn: Batch[RegionEmbeddings] | None = None,
    ) -> Outputs:
        """Composes on every sample; all vectors must be of one space.

        Args:
            query: The phrases.
            words: Their vectors.
            things: What each picture shows, of the classes of the query if there are words.
            pictures: The pictures' vectors.
            drawn: Vectors of what is drawn on the image.
        """
        import torch

        outputs = self.Outputs([], [])
        for i in range(len(words or pictures or drawn or [])):
            said = query[i] if query and query[i].phrases else None
            shown = things[i] if things and things[i].phrases else None
            asked = said or (_named(shown) if shown else _UNNAMED)
            known = next(some[i].vectors for some in (words, pictures, drawn) if some)
            total = known.new_zeros(len(asked.phrases), known.shape[1])
            if said and words:
                total += self.config.word_weight * words[i].vectors
            if shown and pictures:
                total += self.config.picture_weight * _by_class(pictures[i].vectors, shown, asked)
            if drawn and len(drawn[i]):
                total += self.config.drawn_weight * _mean(drawn[i].vectors)
            outputs.embeddings.append(TextEmbeddings(torch.nn.functional.normalize(total, dim=1)))
            outputs.query.append(asked)
        return outputs


def _named(shown: TextQuery) -> TextQuery:
    """What pictures show, each thing once."""
    return TextQuery(shown.text, ops.classes.class_phrases(shown.phrases))


def _by_class(vectors: Tensor, shown: TextQuery, asked: TextQuery) -> Tensor:
    """For each thing asked for the mean of the pictures of its class, zero without any."""
    import torch

    classes = [phrase.class_id for phrase in shown.phrases]
    rows = [
        vectors[[i for i, one in enumerate(classes) if one == phrase.class_id]]
        for phrase in asked.phrases
    ]
    return torch.stack([_mean(some) for some in rows])


def _mean(vectors: Tensor) -> Tensor:
    """The mean direction of unit vectors `[n, d]`; zero for none."""
    from torch.nn.functional import normalize

    return normalize(vectors.sum(dim=0), dim=0)
