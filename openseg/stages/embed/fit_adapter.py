"""A weight adapter, trained on the templates alone: vectors of one thing together, others apart.

Lu et al., "Adapting Pre-Trained Vision Models for Novel Instance Detection and Segmentation"
(NIDS-Net), 2024, arXiv:2405.17859, section 3.3: InfoNCE over the templates' embeddings.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from pydantic import Field

from openseg import ops
from openseg.graph.registry import stage
from openseg.graph.stage import Batch, Stage, StageConfig
from openseg.types import FeatureAdapter, TextEmbeddings, TextQuery

if TYPE_CHECKING:
    from torch import Generator, Tensor

_TINY = 1e-8


@stage("embed.fit_adapter")
class FitAdapter(Stage):
    """Trains an adapter; where no thing has two templates, the adapter changes nothing.

    Unit vectors are brought to the length sqrt(d), about that of layer-normed patches, before the
    paper's factor: vectors on edges have unit length, the paper's are averages of such patches.
    """

    class Config(StageConfig):
        """Settings of `embed.fit_adapter`."""

        epochs: int = Field(
            40, ge=1, le=10_000, description="Source: NIDS-Net; 40 for detection, 500 for BOP."
        )
        batch_size: int = Field(
            1024, ge=2, description="Source: NIDS-Net; 1024 for detection, 32 for BOP."
        )
        learning_rate: float = Field(1e-3, gt=0, description="Adam's. Source: NIDS-Net.")
        weight_decay: float = Field(1e-4, ge=0, description="Adam's. Source: NIDS-Net.")
        temperature: float = Field(0.05, gt=0, description="InfoNCE's. Source: NIDS-Net.")
        reduction: int = Field(
            4, ge=1, description="Times that the hidden layer is narrower. Source: NIDS-Net."
        )
        scale: float = Field(10.0, gt=0, description="Factor on the input. Source: NIDS-Net.")
        seed: int = Field(0, ge=0, description="Seed of weights and order. Ours.")

    class Outputs(NamedTuple):
        """The adapter."""

        adapter: Batch[FeatureAdapter]

    def run(self, templates: Batch[TextEmbeddings], query: Batch[TextQuery]) -> Outputs:
        """Trains one adapter a sample; equal templates are trained on once in a run."""
        return self.Outputs(
            [
                self._fit(one.vectors, ops.classes.class_places(words.phrases))
                for one, words in zip(templates, query, strict=True)
            ]
        )

    def _fit(self, vectors: Tensor, classes: list[int]) -> FeatureAdapter:
        """Trains on the CPU, where the result does not depend on the device."""
        import torch

        width = vectors.shape[1]
        hidden = max(1, width // self.config.reduction)
        scale = self.config.scale * math.sqrt(width)
        if len(set(classes)) == len(classes):
            inner, outer = vectors.new_zeros(hidden, width), vectors.new_zeros(width, hidden)
            return FeatureAdapter(inner, outer, scale)
        random = torch.Generator().manual_seed(self.config.seed)
        with torch.inference_mode(mode=False), torch.enable_grad():
            inner, outer = _start(hidden, width, random), _start(width, hidden, random)
            optimiser = torch.optim.Adam(
                [inner, outer], self.config.learning_rate, weight_decay=self.config.weight_decay
            )
            known, labels = vectors.detach().cpu().clone(), torch.tensor(classes)
            for _ in range(self.config.epochs):
                order = torch.randperm(len(labels), generator=random)
                for rows in torch.split(order, self.config.batch_size):
                    adapted = ops.adapter.weigh(known[rows], inner, outer, scale)
                    loss = info_nce(adapted, labels[rows], self.config.temperature)
                    optimiser.zero_grad()
                    torch.autograd.backward(loss)
                    optimiser.step()
        device = vectors.device
        return FeatureAdapter(inner.detach().to(device), outer.detach().to(device), scale)


def _start(rows: int, columns: int, random: Generator) -> Tensor:
    """A matrix as torch's linear layers start."""
    import torch

    bound = 1 / math.sqrt(columns)
    values = (2 * torch.rand(rows, columns, generator=random) - 1) * bound
    return values.requires_grad_()


def info_nce(vectors: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """How much of each vector's likeness goes to others of its class, as a negative logarithm.

    Args:
        vectors: float32 `[n, d]`, unit length.
        labels: int64 `[n]`.
        temperature: What cosines are divided by.
    """
    import torch

    likeness = (vectors @ vectors.T / temperature).exp()
    same = labels[:, None] == labels[None]
    others = same & ~torch.eye(len(labels), dtype=torch.bool)
    positive = (likeness * others).sum(dim=1)
    negative = (likeness * ~same).sum(dim=1) + _TINY
    return -(positive / (positive + negative) + _TINY).log().mean()
