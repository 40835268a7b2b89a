"""What pictures of one word have in common, as one vector of dense features for the word.

Shin, Xie and Albanie, "ReCo: Retrieve and Co-segment for Zero-shot Transfer", NeurIPS 2022,
arXiv:2206.07045, section 3.2: a seed in each picture, found by all; their mean is the prototype.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.models.protocols import DenseImageTextEncoder, ImageEncoder
from openseg.models.tasks.archive import ImageArchive
from openseg.types import Neighbours, TextEmbeddings

if TYPE_CHECKING:
    from torch import Tensor


@stage("embed.cosegment")
class Cosegment(Stage):
    """Makes a visual prototype of each phrase from the pictures that were retrieved for it.

    Places where the words are not seen count less (`dense` says where), and so do places that look
    like the context: prototypes of frequent surroundings, made by this stage as well.
    """

    class Config(StageConfig):
        """Settings of `embed.cosegment`."""

        temperature: float = Field(
            10.0, gt=0, description="Factor on cosines with words. Source: ReCo's code, 10."
        )

    class Outputs(NamedTuple):
        """One vector a phrase, in the space of `features`."""

        prototypes: Batch[TextEmbeddings]

    def __init__(
        self,
        config: Config,
        archive: ImageArchive,
        features: ImageEncoder,
        dense: DenseImageTextEncoder,
    ) -> None:
        super().__init__(config)
        self.archive = archive
        self.features = features
        self.dense = dense

    def run(
        self,
        neighbours: Batch[Neighbours],
        words: Batch[TextEmbeddings],
        context: Batch[TextEmbeddings] | None = None,
    ) -> Outputs:
        """Makes the prototypes of every sample's phrases.

        Args:
            neighbours: The pictures of each phrase.
            words: The phrases in the space of `dense`.
            context: Prototypes of the surroundings.
        """
        import torch

        around = [one.vectors for one in context] if context else [None] * len(words)
        prototypes = []
        for found, text, others in zip(neighbours, words, around, strict=True):
            rows = [
                self._prototype(places.tolist(), word, others)
                for places, word in zip(found.rows, text.vectors, strict=True)
            ]
            prototypes.append(TextEmbeddings(torch.stack(rows)))
        return self.Outputs(prototypes)

    def _prototype(self, places: list[int], word: Tensor, context: Tensor | None) -> Tensor:
        """One phrase's vector, float32 `[d]`, unit length."""
        import torch
        from torch.nn.functional import interpolate, normalize

        pictures = self.archive.read(places)
        patches = [one.patches for one in self.features.encode(pictures)]
        views = self.dense.encode(pictures)
        weights = []
        for one, view in zip(patches, views, strict=True):
            cosine = torch.einsum("d,dhw->hw", word, normalize(view.patches, dim=0))
            seen = (self.config.temperature * cosine).sigmoid()[None, None]
            weight = interpolate(seen, size=one.shape[1:], mode="bilinear", align_corners=False)
            if context is not None:
                alike = torch.einsum("cd,dhw->chw", context, normalize(one, dim=0)).sigmoid()
                weight = weight * (1 - alike).prod(dim=0)
            weights.append(weight.flatten())
        seeds = common_seeds([one.flatten(1).T for one in patches], weights)
        return normalize(seeds.mean(dim=0), dim=0)


def common_seeds(features: Sequence[Tensor], weights: Sequence[Tensor]) -> Tensor:
    """In each picture the place that all pictures have something like.

    Args:
        features: For each of k pictures float32 `[m, d]`, the places' vectors.
        weights: For each picture float32 `[m]` in [0, 1], how much a place counts for others.

    Returns:
        float32 `[k, d]`: the vector of the place whose likest places, one in each picture and by
        weighted cosine, are on average most alike.
    """
    import torch
    from torch.nn.functional import normalize

    sizes = [len(one) for one in features]
    everywhere = normalize(torch.cat(list(features)), dim=1)
    counts = torch.cat(list(weights))
    seeds = []
    for own, vectors in zip(torch.split(everywhere, sizes), features, strict=True):
        alike = own @ everywhere.T * counts
        support = [one.amax(dim=1) for one in torch.split(alike, sizes, dim=1)]
        seeds.append(vectors[torch.stack(support).mean(dim=0).argmax()])
    return torch.stack(seeds)
