"""Mask2Former as `transformers` runs it: masks with chances for a closed set of classes.

Cheng et al., "Masked-attention Mask Transformer for Universal Image Segmentation", CVPR 2022,
arXiv:2112.01527.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from transformers import Mask2FormerForUniversalSegmentation, Mask2FormerImageProcessor

from openseg.models.adapters.mask_queries.queries import (
    Queries,
    class_names,
    proposals,
    read_queries,
)
from openseg.models.image_memo import ImageMemo
from openseg.models.pretrained import load_model
from openseg.models.tasks.proposals import MaskProposals
from openseg.types import Image


class Mask2Former:
    """`MaskProposer` over `transformers.Mask2FormerForUniversalSegmentation`.

    Args:
        model: The network, in eval mode.
        processor: The checkpoint's image processor.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        self._model = model
        self._processor = processor
        self.class_names = class_names(model.config)
        self._memo: ImageMemo[Queries] = ImageMemo()

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        # A weight of its loss, kept with the others and not used here.
        harmless = (r"criterion\.empty_weight", r"swin\.layernorm\.")
        model = load_model(Mask2FormerForUniversalSegmentation, folder, device, dtype, harmless)
        return cls(model, Mask2FormerImageProcessor.from_pretrained(folder, local_files_only=True))

    @torch.inference_mode()
    def propose(self, images: Sequence[Image]) -> list[MaskProposals]:
        """Proposes masks; see `openseg.models.tasks.proposals.MaskProposer.propose`.

        A query whose mask has no pixel gives no proposal.
        """
        found = self._memo.features(images, self._encode)
        return [proposals(one, image.size) for image, one in zip(images, found, strict=True)]

    def _encode(self, images: list[Image]) -> list[Queries]:
        return read_queries(images, self._processor, self._forward)

    def _forward(self, pixels: Tensor) -> Any:
        values = pixels.to(self._model.device, self._model.dtype)
        return self._model(values, output_auxiliary_logits=False)
