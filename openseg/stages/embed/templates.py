"""Templates as foreground feature averages, each standing for the thing that it shows.

The template bank of Lu et al. (NIDS-Net), 2024, arXiv:2405.17859, section 3.2.
"""

from __future__ import annotations

from typing import NamedTuple

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import ImageEncoder
from openseg.stages.embed._foreground import foreground_averages
from openseg.types import Templates, TextEmbeddings, TextQuery

_SEPARATOR = "; "


@stage("embed.templates")
class EmbedTemplates(Stage):
    """Embeds each template by its patches inside of the mask.

    To the stages after it a template is a phrase with a vector: templates of one thing are phrases
    of one class.
    """

    class Outputs(NamedTuple):
        """One vector and one phrase a template."""

        embeddings: Batch[TextEmbeddings]
        query: Batch[TextQuery]

    def __init__(self, config: StageConfig, encoder: ImageEncoder) -> None:
        super().__init__(config)
        self.encoder = encoder

    def run(self, templates: Batch[Templates]) -> Outputs:
        """Embeds the templates of each sample."""
        import torch

        embeddings = []
        for some in templates:
            pictures = [(one.image.pixels, one.mask[None]) for one in some.items]
            vectors = torch.cat(foreground_averages(self.encoder, pictures))
            embeddings.append(TextEmbeddings(vectors))
        return self.Outputs(embeddings, [query_of(some) for some in templates])


def query_of(templates: Templates) -> TextQuery:
    """A phrase a template; templates of one thing are phrases of one class."""
    names = _SEPARATOR.join(thing.text for thing in templates.things)
    return TextQuery(names, tuple(one.phrase for one in templates.items))
