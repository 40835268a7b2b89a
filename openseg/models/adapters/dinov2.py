"""DINOv2 as `transformers` runs it: dense features without words.

Oquab et al., "DINOv2: Learning Robust Visual Features without Supervision", TMLR 2024,
arXiv:2304.07193.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from transformers import BitImageProcessor, Dinov2Model

from openseg.models.adapters.patch_grid import grouped, patch_grid, pixel_values
from openseg.models.image_memo import ImageMemo
from openseg.models.pretrained import load_model
from openseg.models.protocols import ImageFeatures
from openseg.types import Image

IMAGES_PER_CALL = 8


class Dinov2:
    """`ImageEncoder` over `transformers.Dinov2Model`.

    The checkpoint's processor would cut a central square out; here the patch grid covers the whole
    image. The short side is brought to the processor's size and each side rounded to whole patches
    (by at most half a patch, so an image is squashed a little); nothing is cropped or padded.
    Interpolation and normalisation are the processor's.

    Args:
        model: The network, in eval mode.
        processor: The checkpoint's image processor.
    """

    def __init__(self, model: Any, processor: Any) -> None:
        self._model = model
        self._processor = processor
        self._short = int(processor.size["shortest_edge"])
        self._patch = int(model.config.patch_size)
        self._memo: ImageMemo[dict[str, Tensor]] = ImageMemo()

    @classmethod
    def load(cls, folder: Path, device: torch.device, dtype: torch.dtype) -> Self:
        """Loads a checkpoint; see `openseg.models.adapters.Adapter.load`."""
        model = load_model(Dinov2Model, folder, device, dtype, harmless=("mask_token",))
        return cls(model, BitImageProcessor.from_pretrained(folder, local_files_only=True))

    @torch.inference_mode()
    def encode(self, images: Sequence[Image]) -> list[ImageFeatures]:
        """Encodes images; see `openseg.models.protocols.ImageEncoder.encode`."""
        found = self._memo.features(images, self._encode)
        return [ImageFeatures(one["summary"], one["patches"]) for one in found]

    def grid(self, size: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns of patches for an image.

        Args:
            size: Height and width in pixels.
        """
        return patch_grid(size, self._short, self._patch)

    def _encode(self, images: list[Image]) -> list[dict[str, Tensor]]:
        def run(grid: tuple[int, int], members: list[int]) -> list[dict[str, Tensor]]:
            return self._run([images[place].pixels for place in members], grid)

        return grouped([self.grid(one.size) for one in images], IMAGES_PER_CALL, run)

    def _run(self, pixels: list[Tensor], grid: tuple[int, int]) -> list[dict[str, Tensor]]:
        values = pixel_values(self._processor, pixels, grid, self._patch)
        tokens = self._model(values.to(self._model.device, self._model.dtype)).last_hidden_state
        tokens = tokens.float()
        patches = tokens[:, 1:].transpose(1, 2).unflatten(2, grid)
        return [
            {"summary": summary, "patches": dense}
            for summary, dense in zip(tokens[:, 0], patches, strict=True)
        ]
